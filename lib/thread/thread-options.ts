import { inspect, isDeepStrictEqual } from 'node:util';
import { ValidationError } from '../errors.js';
import { Labels, type LabelsInput } from '../record/labels.js';
import { examined, frozen, type Examination, validated } from '../validation.js';
import { contradictionsIn, threadContradictions } from './contradictions.js';
import { jsonRecord, mergedJson, type JsonRecord } from './json-record.js';
import { readOptions, type ForeignNames, type SnakeCased } from './option-reader.js';
import { choice, flag, kept, keptList, labels, part, path, paths, text } from './option-rules.js';
import { approvalPolicy, type ApprovalPolicy } from './approval-policy.js';
import { ToolSurface } from './tool-surface.js';
import { withoutCredentials } from './without-credentials.js';

/** Answers approval requests of a thread. */
export type ThreadApprovals = object;
/** A tool the model can call in this process. */
export type ThreadTool = object;

const sandboxModes = ['read-only', 'workspace-write', 'danger-full-access'] as const;
const approvalModes = ['autoReview', 'denyAll'] as const;
const reasoningSummaries = ['auto', 'concise', 'detailed', 'none'] as const;
const webSearchModes = ['disabled', 'cached', 'indexed', 'live'] as const;
const personalities = ['none', 'friendly', 'pragmatic'] as const;

/** What the agent's commands may touch: nothing, the working directory, or everything. */
export type SandboxMode = (typeof sandboxModes)[number];
/** Who answers when codex-rs asks for permission: an automatic reviewer, or nobody, so that everything is denied. */
export type ApprovalMode = (typeof approvalModes)[number];
/** How much the model tells about its reasoning. */
export type ReasoningSummary = (typeof reasoningSummaries)[number];
/** Where web search answers come from. */
export type WebSearchMode = (typeof webSearchModes)[number];
/** The tone of the model. codex-rs has deprecated it. */
export type Personality = (typeof personalities)[number];
/** How long the model thinks. Models may know more efforts than are listed here. */
export type ReasoningEffort =
  'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'ultra' | (string & {});

/** The options of a thread, as an object literal. Options that are undefined count as not given. */
export interface ThreadOptionsRecord {
  readonly model?: string | undefined;
  readonly modelProvider?: string | undefined;
  readonly modelReasoningEffort?: ReasoningEffort | undefined;
  readonly modelReasoningSummary?: ReasoningSummary | undefined;
  readonly sandboxMode?: SandboxMode | undefined;
  readonly workingDirectory?: string | undefined;
  readonly additionalDirectories?: readonly string[] | undefined;
  readonly networkAccessEnabled?: boolean | undefined;
  readonly webSearchMode?: WebSearchMode | undefined;
  readonly webSearchEnabled?: boolean | undefined;
  readonly approvalPolicy?: ApprovalPolicy | undefined;
  readonly approvalMode?: ApprovalMode | undefined;
  readonly approvals?: ThreadApprovals | undefined;
  readonly tools?: readonly ThreadTool[] | undefined;
  readonly toolSurface?: Partial<ToolSurface> | undefined;
  readonly baseInstructions?: string | undefined;
  readonly developerInstructions?: string | undefined;
  readonly personality?: Personality | undefined;
  readonly serviceTier?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly threadSource?: string | undefined;
  readonly ephemeral?: boolean | undefined;
  readonly trustProject?: boolean | undefined;
  readonly skipGitRepoCheck?: boolean | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly labels?: LabelsInput | undefined;
}

/** The names of the Python client for the same options, beside every option in snake_case. */
export interface PythonThreadOptionsRecord extends SnakeCased<ThreadOptionsRecord> {
  readonly cwd?: string | undefined;
  readonly sandbox?:
    SandboxMode | 'read_only' | 'workspace_write' | 'full_access' | 'full-access' | undefined;
  readonly effort?: ReasoningEffort | undefined;
  readonly summary?: ReasoningSummary | undefined;
}

/** What {@link ThreadOptions.from} accepts: an object, a `Map`, `[name, value]` entries, or thread options. */
export type ThreadOptionsInput =
  | ThreadOptions
  | ThreadOptionsRecord
  | PythonThreadOptionsRecord
  | Iterable<readonly [name: string, value: unknown]>;

const foreign: ForeignNames = {
  signal: 'pass it to run(input, { signal })',
  outputSchema: 'pass it to run(input, { outputSchema })',
  output: 'pass it to run(input, { output })',
  apiKey: 'pass it to new Codex({ apiKey })',
  baseUrl: 'pass it to new Codex({ baseUrl })',
  codexHome: 'pass it to new Codex({ codexHome })',
  env: 'pass it to new Codex({ env })',
  approvalsReviewer: 'approvalMode "autoReview" chooses the automatic reviewer',
};

/**
 * How a thread runs: model, sandbox, approvals, instructions and labels. Validated and frozen; pure, so building one
 * touches no file and starts nothing.
 *
 * An option that was not given is absent, and codex-rs decides: by its own default, or by the user's configuration.
 *
 * @example
 * ```ts
 * const options = ThreadOptions.from({ model: 'gpt-5.5', sandboxMode: 'workspace-write' });
 * options.merge({ labels: { team: 'payments' } }).toJSON();
 * ```
 */
export class ThreadOptions {
  /** The model, such as `gpt-5.5`. */
  @text()
  readonly model?: string;

  /** The id of the model provider. */
  @text()
  readonly modelProvider?: string;

  /** How long the model thinks. */
  @text({ also: ['effort', 'reasoningEffort'] })
  readonly modelReasoningEffort?: ReasoningEffort;

  /** How much the model tells about its reasoning. */
  @choice(reasoningSummaries, { also: ['summary', 'reasoningSummary'] })
  readonly modelReasoningSummary?: ReasoningSummary;

  /** What the agent's commands may touch. */
  @choice(sandboxModes, {
    also: ['sandbox'],
    spellings: {
      read_only: 'read-only',
      readOnly: 'read-only',
      workspace_write: 'workspace-write',
      workspaceWrite: 'workspace-write',
      full_access: 'danger-full-access',
      'full-access': 'danger-full-access',
      danger_full_access: 'danger-full-access',
      dangerFullAccess: 'danger-full-access',
    },
  })
  readonly sandboxMode?: SandboxMode;

  /** Where the agent works, as an absolute path. */
  @path({ also: ['cwd'] })
  readonly workingDirectory?: string;

  /** More directories the agent may write to, as absolute paths; needs the sandbox `workspace-write`. */
  @paths()
  readonly additionalDirectories?: readonly string[];

  /** Whether the agent's commands may use the network; needs `sandboxMode`. */
  @flag()
  readonly networkAccessEnabled?: boolean;

  /** Where web search answers come from. */
  @choice(webSearchModes)
  readonly webSearchMode?: WebSearchMode;

  /** Whether the model may search the web: true means the mode `live`, false `disabled`. */
  @flag()
  readonly webSearchEnabled?: boolean;

  /** When codex-rs asks for permission. */
  @approvalPolicy()
  readonly approvalPolicy?: ApprovalPolicy;

  /** Who answers when codex-rs asks for permission; an alternative to `approvalPolicy`. */
  @choice(approvalModes, { spellings: { auto_review: 'autoReview', deny_all: 'denyAll' } })
  readonly approvalMode?: ApprovalMode;

  /** Answers approval requests; kept as given, never serialised. */
  @kept()
  readonly approvals?: ThreadApprovals;

  /** Tools the model can call in this process; kept as given, never serialised. */
  @keptList()
  readonly tools?: readonly ThreadTool[];

  /** Which of codex-rs's own tools the model is offered. */
  @part(ToolSurface)
  readonly toolSurface?: ToolSurface;

  /** Replaces the system instructions of codex-rs. */
  @text()
  readonly baseInstructions?: string;

  /** Instructions of the developer, beside those of codex-rs. */
  @text()
  readonly developerInstructions?: string;

  /** The tone of the model. codex-rs has deprecated it. */
  @choice(personalities)
  readonly personality?: Personality;

  /** The service tier of the provider. */
  @text()
  readonly serviceTier?: string;

  /** The name of the calling service, for codex-rs's metrics. */
  @text()
  readonly serviceName?: string;

  /** Where the thread comes from, for codex-rs's metrics. */
  @text()
  readonly threadSource?: string;

  /** Whether the thread is kept in memory only: it cannot be resumed. */
  @flag()
  readonly ephemeral?: boolean;

  /** Whether codex-rs may record the working directory as trusted and load its configuration; absent means no. */
  @flag()
  readonly trustProject?: boolean;

  /** Accepted for the official SDK's sake, without effect: this engine has no such check. */
  @flag()
  readonly skipGitRepoCheck?: boolean;

  /** Configuration of codex-rs for this thread, as a nested object. */
  @jsonRecord()
  readonly config?: JsonRecord;

  /** What the thread is filed under; empty when none were given. */
  @labels()
  readonly labels: Labels = Labels.empty;

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /**
   * Validated, frozen options.
   *
   * @throws {@link ValidationError} with everything that is wrong with the input.
   */
  static from(input: ThreadOptionsInput = {}): ThreadOptions {
    return ThreadOptions.#unwrap(ThreadOptions.check(input));
  }

  /** What {@link ThreadOptions.from} would do, with the problems as a result instead of an error. */
  static check(input: unknown): Examination<ThreadOptions> {
    if (input instanceof ThreadOptions && Object.isFrozen(input)) return { ok: true, value: input };
    return ThreadOptions.#examine({}, input);
  }

  /** These options with exactly these labels in place of their own. */
  labelled(labels: Labels): ThreadOptions {
    return validated(new ThreadOptions(Object.assign({}, this, { labels })), 'Thread options');
  }

  /**
   * These options with others over them: labels, `config` and `toolSurface` merge, tools append, everything else is
   * replaced.
   *
   * @throws {@link ValidationError} with everything that is wrong with the input or with the outcome.
   */
  merge(input: ThreadOptionsInput): ThreadOptions {
    return ThreadOptions.#unwrap(ThreadOptions.#examine(this, input));
  }

  /** Whether both have the same values, and the very same handlers and tools. */
  equals(other: ThreadOptions): boolean {
    if (this === other) return true;
    const { tools = [], approvals } = this;
    const otherTools = other.tools ?? [];
    return (
      approvals === other.approvals &&
      tools.length === otherTools.length &&
      tools.every((tool, index) => tool === otherTools[index]) &&
      isDeepStrictEqual(this.#plain(), other.#plain())
    );
  }

  /** The options as JSON, by canonical names: without handlers, tools and credentials. */
  toJSON(): Record<string, unknown> {
    return withoutCredentials(this.#plain()) as Record<string, unknown>;
  }

  /** @internal */
  [inspect.custom](): string {
    return `ThreadOptions ${inspect(this.toJSON(), { depth: 4 })}`;
  }

  #plain(): Record<string, unknown> {
    const plain = new Map<string, unknown>(Object.entries(this));
    plain.delete('approvals');
    plain.delete('tools');
    if (this.toolSurface) plain.set('toolSurface', Object.assign({}, this.toolSurface));
    if (this.labels.size === 0) plain.delete('labels');
    else plain.set('labels', this.labels.toJSON());
    return Object.fromEntries(plain);
  }

  static #examine(base: Partial<ThreadOptions>, input: unknown): Examination<ThreadOptions> {
    const { values, problems } = readOptions(ThreadOptions.prototype, input, foreign);
    const options = new ThreadOptions(merged(base, values));
    return examined(options, [...problems, ...contradictionsIn(options, threadContradictions)]);
  }

  static #unwrap(examination: Examination<ThreadOptions>): ThreadOptions {
    if (examination.ok) return examination.value;
    throw new ValidationError('Thread options', examination.problems);
  }
}

function merged(base: Partial<ThreadOptions>, over: Partial<ThreadOptions>): object {
  const values: Record<string, unknown> = { ...base, ...over };
  if (base.labels && over.labels) values.labels = base.labels.merge(over.labels);
  if (base.tools && over.tools) values.tools = [...base.tools, ...over.tools];
  if (base.config && over.config) values.config = mergedJson(base.config, over.config);
  if (base.toolSurface && over.toolSurface)
    values.toolSurface = frozen(
      Object.assign(new ToolSurface(), base.toolSurface, over.toolSurface),
    );
  return values;
}
