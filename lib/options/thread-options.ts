import { inspect, isDeepStrictEqual } from 'node:util';
import type { ApprovalHandler } from '../approvals/approval-handler.js';
import { ValidationError } from '../errors.js';
import { Labels, type LabelsInput } from '../record/labels.js';
import { examined, frozen, validated, type Examination } from '../validation.js';
import { approvalPolicy, type ApprovalPolicy } from './approval-policy.js';
import { configRecord, type ConfigRecord } from './config-record.js';
import { threadContradictions } from './contradictions.js';
import { path, paths } from './location-rules.js';
import { mergedValues } from './merged-options.js';
import { inOrderOf, readOptions, type ForeignNames } from './option-reader.js';
import type { Entries, Given, OtherForm, SnakeCased } from './option-records.js';
import { choice, flag, kept, keptList, labels, part, text, textOrNothing } from './option-rules.js';
import { threadEnvironments, type ThreadEnvironment } from './thread-environment.js';
import { ToolSurface } from './tool-surface.js';
import { withoutCredentials } from './without-credentials.js';

/** Answers approval requests of a thread. @inline */
export type ThreadApprovals = ApprovalHandler;

/** The sandbox of the agent's commands: no write access, write access to the working directory, or no restrictions. */
export type SandboxMode = 'read-only' | 'workspace-write' | 'danger-full-access';
/**
 * How permission requests of codex-rs are decided: by an automatic reviewer, or all denied, or without any request or
 * sandbox.
 */
export type ApprovalMode = 'autoReview' | 'denyAll' | 'dangerouslyBypassApprovalsAndSandbox';
/** The level of detail of reasoning summaries. */
export type ReasoningSummary = 'auto' | 'concise' | 'detailed' | 'none';
/** The source of web search results. */
export type WebSearchMode = 'disabled' | 'cached' | 'indexed' | 'live';
/** The tone of the model. codex-rs has deprecated it. */
export type Personality = 'none' | 'friendly' | 'pragmatic';
/** The reasoning effort of the model. Models may support efforts that are not listed here. */
export type ReasoningEffort =
  'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'ultra' | (string & {});

/** The options of a thread, as an object literal. Undefined options count as absent. */
export interface ThreadOptionsRecord extends Given<
  Omit<
    ThreadOptions,
    'toolSurface' | 'config' | 'labels' | 'merge' | 'labelled' | 'equals' | 'toJSON' | symbol
  >
> {
  /** The tools of codex-rs that are offered to the model. */
  readonly toolSurface?: Given<ToolSurface> | undefined;
  /** Configuration of codex-rs for this thread, as a nested object. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** The labels of the thread. */
  readonly labels?: LabelsInput | undefined;
}

/** The same options under the names of the Python client: its own, and every other in snake_case. */
export type PythonThreadOptionsRecord = SnakeCased<Omit<ThreadOptionsRecord, 'approvalMode'>> & {
  /** See `workingDirectory`. */
  readonly cwd?: string | undefined;
  /** See `sandboxMode`. */
  readonly sandbox?:
    SandboxMode | 'full-access' | 'read_only' | 'workspace_write' | 'full_access' | undefined;
  /** See `approvalMode`. */
  readonly approval_mode?:
    | ApprovalMode
    | 'auto_review'
    | 'deny_all'
    | 'dangerously_bypass_approvals_and_sandbox'
    | undefined;
  /** See `modelReasoningEffort`. */
  readonly effort?: ReasoningEffort | undefined;
  /** See `modelReasoningSummary`. */
  readonly summary?: ReasoningSummary | undefined;
};

/** Options of a thread as an object, a `Map`, `[name, value]` entries, or validated options. */
export type ThreadOptionsInput = (ThreadOptionsRecord & PythonThreadOptionsRecord) | Entries;

const foreign: ForeignNames = {
  signal: 'pass it to run(input, { signal })',
  outputSchema: 'pass it to run(input, { outputSchema })',
  output: 'pass it to run(input, { output })',
  turnServiceTier: 'pass it to run(input, { options: { serviceTier } })',
  apiKey: 'pass it to new Codex({ apiKey })',
  baseUrl: 'pass it to new Codex({ baseUrl })',
  codexHome: 'pass it to new Codex({ codexHome })',
  env: 'pass it to new Codex({ env })',
  approvalsReviewer: 'use approvalMode: "autoReview" for the automatic reviewer',
  sandboxPolicy: 'use sandboxMode, networkAccessEnabled and additionalDirectories',
  runtimeWorkspaceRoots: 'use additionalDirectories',
  dynamicTools: 'use tools',
  continuation: 'pass it to resumeThread(threadId, { continuation })',
  resumeValidator: 'pass it to resumeThread(threadId, { resumeValidator })',
  at: 'pass it to fork({ at })',
  before: 'pass it to fork({ before })',
};

/**
 * How a thread runs: model, sandbox, approvals, instructions and labels. Validated and frozen. Validation accesses no
 * file and starts no process.
 *
 * For an absent option, codex-rs uses the user's configuration or its own default.
 *
 * @example
 * ```ts
 * const options = ThreadOptions.from({ model: 'gpt-5.5', sandboxMode: 'read-only' });
 * const merged = options.merge({ sandboxMode: 'workspace-write', labels: { team: 'payments' } });
 * console.log(merged.model, merged.sandboxMode); // gpt-5.5 workspace-write
 *
 * // The Python client's names, a Map or entries do as well.
 * const same = ThreadOptions.from(new Map([['sandbox', 'read_only']]));
 * console.log(same.sandboxMode); // read-only
 * ```
 */
export class ThreadOptions {
  /** The model, such as `gpt-5.5`. */
  @text()
  readonly model?: string;

  /** The id of the model provider. */
  @text()
  readonly modelProvider?: string;

  /** The reasoning effort of the model. */
  @text({ also: ['effort'] })
  readonly modelReasoningEffort?: ReasoningEffort;

  /** The level of detail of reasoning summaries. */
  @choice(['auto', 'concise', 'detailed', 'none'] satisfies ReasoningSummary[], {
    also: ['summary'],
  })
  readonly modelReasoningSummary?: ReasoningSummary;

  /** The sandbox of the agent's commands. */
  @choice(['read-only', 'workspace-write', 'danger-full-access'] satisfies SandboxMode[], {
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

  /**
   * The working directory of the agent, as an absolute path. Absent: a new thread uses the current directory of this
   * process at the time it is built; an existing thread uses its recorded directory. A turn is rejected if the
   * directory does not exist.
   */
  @path({ also: ['cwd'] })
  readonly workingDirectory?: string;

  /**
   * Additional directories that the agent may write to, as absolute paths. Requires the sandbox `workspace-write`. A
   * turn is rejected if one of them does not exist.
   */
  @paths()
  readonly additionalDirectories?: readonly string[];

  /**
   * The exec-servers where the agent's commands run and its files are, from the `environments` of the client; the first
   * one is the default. codex-rs then reads its configuration from `workingDirectory`. An empty list moves a thread
   * back to a client without environments.
   */
  @threadEnvironments()
  readonly environments?: readonly ThreadEnvironment[];

  /** Whether the agent's commands may use the network. Requires `sandboxMode`. */
  @flag()
  readonly networkAccessEnabled?: boolean;

  /** The source of web search results. */
  @choice(['disabled', 'cached', 'indexed', 'live'] satisfies WebSearchMode[])
  readonly webSearchMode?: WebSearchMode;

  /** Whether the model may search the web: true selects the mode `live`, false `disabled`. */
  @flag()
  readonly webSearchEnabled?: boolean;

  /** When codex-rs asks for permission. */
  @approvalPolicy()
  readonly approvalPolicy?: ApprovalPolicy;

  /**
   * How permission requests of codex-rs are decided; an alternative to `approvalPolicy`.
   *
   * - `autoReview`: codex-rs's own reviewer, a model.
   * - `denyAll`: every action that needs permission is denied.
   * - `dangerouslyBypassApprovalsAndSandbox`: codex-rs neither asks for permission nor restricts the agent: policy
   *   `never` with the sandbox `danger-full-access`. Use it only where the agent is isolated by other means.
   */
  @choice(
    ['autoReview', 'denyAll', 'dangerouslyBypassApprovalsAndSandbox'] satisfies ApprovalMode[],
    {
      spellings: {
        auto_review: 'autoReview',
        deny_all: 'denyAll',
        dangerously_bypass_approvals_and_sandbox: 'dangerouslyBypassApprovalsAndSandbox',
      },
    },
  )
  readonly approvalMode?: ApprovalMode;

  /** Answers approval requests; not copied, never serialised. */
  @kept()
  readonly approvals?: ApprovalHandler;

  /** Tools that the model can call in this process; not copied, never serialised. */
  @keptList()
  readonly tools?: readonly object[];

  /** The tools of codex-rs that are offered to the model. */
  @part(ToolSurface)
  readonly toolSurface?: ToolSurface;

  /** Replaces the instructions of codex-rs for the model. An empty text removes them. */
  @textOrNothing()
  readonly baseInstructions?: string;

  /** Developer instructions, which replace those in the user's configuration. An empty text removes them. */
  @textOrNothing()
  readonly developerInstructions?: string;

  /** The tone of the model. codex-rs has deprecated it. */
  @choice(['none', 'friendly', 'pragmatic'] satisfies Personality[])
  readonly personality?: Personality;

  /** The service tier of the provider. */
  @text()
  readonly serviceTier?: string;

  /** The name of the calling service, for codex-rs's metrics. */
  @text()
  readonly serviceName?: string;

  /** The origin of the thread, for codex-rs's metrics. */
  @text()
  readonly threadSource?: string;

  /** Whether the thread exists in memory only. It cannot be resumed. */
  @flag()
  readonly ephemeral?: boolean;

  /** Whether codex-rs may record the working directory as trusted and load its configuration. Absent: it may not. */
  @flag()
  readonly trustProject?: boolean;

  /** Accepted for compatibility with the official SDK, without effect: this engine has no such check. */
  @flag()
  readonly skipGitRepoCheck?: boolean;

  /** Configuration of codex-rs for this thread, as a nested object. */
  @configRecord()
  readonly config?: ConfigRecord;

  /** The labels of the thread; empty if none were given. */
  @labels()
  readonly labels: Labels = Labels.empty;

  /** Empty options, which need no validation. @internal */
  static readonly none: ThreadOptions = frozen(new ThreadOptions({}));

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /**
   * Validates and freezes options. Each further input is merged into the earlier ones, like in
   * {@link ThreadOptions.merge}. Only the result must be free of contradictions.
   *
   * @throws {@link ValidationError} with every problem in the inputs.
   */
  static from(input?: ThreadOptionsRecord, ...over: readonly ThreadOptionsRecord[]): ThreadOptions;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  static from<const Inputs extends readonly unknown[]>(
    ...inputs: OtherForm<
      Inputs,
      ThreadOptionsRecord,
      [input: ThreadOptionsInput, ...over: ThreadOptionsInput[]]
    >
  ): ThreadOptions;
  static from(
    input: ThreadOptionsInput = {},
    ...over: readonly ThreadOptionsInput[]
  ): ThreadOptions {
    const examination = ThreadOptions.check(input, ...over);
    if (examination.ok) return examination.value;
    throw new ValidationError('thread options', examination.problems);
  }

  /**
   * Validates options like {@link ThreadOptions.from}, but returns the problems instead of throwing an error.
   *
   * @example
   * ```ts
   * const examination = ThreadOptions.check({ modle: 'gpt-5.5', ephemeral: 'perhaps' });
   * if (!examination.ok) console.log(examination.problems.map(({ path }) => path).join()); // modle,ephemeral
   * ```
   */
  static check(input: unknown, ...over: readonly unknown[]): Examination<ThreadOptions> {
    if (input instanceof ThreadOptions && Object.isFrozen(input) && over.length === 0)
      return { ok: true, value: input };
    const readings = [input, ...over].map((each) =>
      readOptions(ThreadOptions.prototype, each, foreign),
    );
    const values = readings.map((reading) => reading.values).reduce(mergedValues);
    const options = new ThreadOptions(values);
    const problems = readings.flatMap((reading) => reading.problems);
    const examination = examined(options, [...problems, ...threadContradictions(options)]);
    if (examination.ok) return examination;
    const order = readings.flatMap((reading) => reading.order);
    return { ok: false, problems: inOrderOf(order, examination.problems) };
  }

  /**
   * Merges other options into these: labels, `config` and `toolSurface` merge, tools append, everything else is
   * replaced.
   *
   * Options that the others make obsolete are dropped. A later `approvalMode` drops `approvalPolicy`, a later
   * `webSearchMode` drops `webSearchEnabled`, and an option drops the setting in `config` with the same meaning; each
   * also the other way round. A later `sandboxMode` other than `workspace-write` drops `additionalDirectories`.
   *
   * @throws {@link ValidationError} with every problem in the input or the result.
   */
  merge(input: ThreadOptionsRecord): ThreadOptions;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  merge<const Input extends readonly unknown[]>(
    ...input: OtherForm<Input, ThreadOptionsRecord, [input: ThreadOptionsInput]>
  ): ThreadOptions;
  merge(input: ThreadOptionsInput): ThreadOptions {
    return ThreadOptions.from(this, input);
  }

  /** Returns these options with their labels replaced. */
  labelled(labels: Labels): ThreadOptions {
    return validated(new ThreadOptions(Object.assign({}, this, { labels })), 'thread options');
  }

  /** Returns whether both have equal values, and identical handlers and tools. */
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

  /** Returns the options as JSON, by canonical names, without handlers, tools and credentials. */
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
}
