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

/** What the agent's commands may touch: nothing, the working directory, or everything. */
export type SandboxMode = 'read-only' | 'workspace-write' | 'danger-full-access';
/** Who answers when codex-rs asks for permission: an automatic reviewer, or nobody, so that everything is denied. */
export type ApprovalMode = 'autoReview' | 'denyAll' | 'dangerouslyBypassApprovalsAndSandbox';
/** How much the model tells about its reasoning. */
export type ReasoningSummary = 'auto' | 'concise' | 'detailed' | 'none';
/** Where web search answers come from. */
export type WebSearchMode = 'disabled' | 'cached' | 'indexed' | 'live';
/** The tone of the model. codex-rs has deprecated it. */
export type Personality = 'none' | 'friendly' | 'pragmatic';
/** How long the model thinks. Models may know more efforts than are listed here. */
export type ReasoningEffort =
  'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'ultra' | (string & {});

/** The options of a thread, as an object literal. Options that are undefined count as not given. */
export interface ThreadOptionsRecord extends Given<
  Omit<
    ThreadOptions,
    'toolSurface' | 'config' | 'labels' | 'merge' | 'labelled' | 'equals' | 'toJSON' | symbol
  >
> {
  /** Which of codex-rs's own tools the model is offered. */
  readonly toolSurface?: Given<ToolSurface> | undefined;
  /** Configuration of codex-rs for this thread, as a nested object. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** What the thread is filed under. */
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

/** What {@link ThreadOptions.from} accepts: an object, a `Map`, `[name, value]` entries, or thread options. */
export type ThreadOptionsInput = (ThreadOptionsRecord & PythonThreadOptionsRecord) | Entries;

const foreign: ForeignNames = {
  signal: 'pass it to run(input, { signal })',
  outputSchema: 'pass it to run(input, { outputSchema })',
  output: 'pass it to run(input, { output })',
  turnServiceTier: 'give the turn its own serviceTier, run(input, { options: { serviceTier } })',
  apiKey: 'pass it to new Codex({ apiKey })',
  baseUrl: 'pass it to new Codex({ baseUrl })',
  codexHome: 'pass it to new Codex({ codexHome })',
  env: 'pass it to new Codex({ env })',
  approvalsReviewer: 'approvalMode "autoReview" chooses the automatic reviewer',
  sandboxPolicy: 'use sandboxMode, networkAccessEnabled and additionalDirectories',
  runtimeWorkspaceRoots: 'use additionalDirectories',
  dynamicTools: 'use tools',
  continuation: 'pass it to resumeThread(threadId, { continuation })',
  resumeValidator: 'pass it to resumeThread(threadId, { resumeValidator })',
  at: 'pass it to fork({ at })',
  before: 'pass it to fork({ before })',
};

/**
 * How a thread runs: model, sandbox, approvals, instructions and labels. Validated and frozen; pure, so building one
 * touches no file and starts nothing.
 *
 * An option that was not given is absent, and codex-rs decides: by its own default, or by the user's configuration.
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

  /** How long the model thinks. */
  @text({ also: ['effort'] })
  readonly modelReasoningEffort?: ReasoningEffort;

  /** How much the model tells about its reasoning. */
  @choice(['auto', 'concise', 'detailed', 'none'] satisfies ReasoningSummary[], {
    also: ['summary'],
  })
  readonly modelReasoningSummary?: ReasoningSummary;

  /** What the agent's commands may touch. */
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
   * Where the agent works, as an absolute path. Absent: a new thread works in the current directory of this process at the time
   * it is built, one that exists in its own. A turn is refused if the directory does not exist.
   */
  @path({ also: ['cwd'] })
  readonly workingDirectory?: string;

  /**
   * More directories the agent may write to, as absolute paths; needs the sandbox `workspace-write`. A turn is refused if one of
   * them does not exist.
   */
  @paths()
  readonly additionalDirectories?: readonly string[];

  /**
   * Where the agent's commands run, and its files are: exec-servers among the `environments` of the client, the default one
   * first. `workingDirectory` is then where codex-rs reads its configuration. An empty list returns a thread to a client
   * without environments.
   */
  @threadEnvironments()
  readonly environments?: readonly ThreadEnvironment[];

  /** Whether the agent's commands may use the network; needs `sandboxMode`. */
  @flag()
  readonly networkAccessEnabled?: boolean;

  /** Where web search answers come from. */
  @choice(['disabled', 'cached', 'indexed', 'live'] satisfies WebSearchMode[])
  readonly webSearchMode?: WebSearchMode;

  /** Whether the model may search the web: true means the mode `live`, false `disabled`. */
  @flag()
  readonly webSearchEnabled?: boolean;

  /** When codex-rs asks for permission. */
  @approvalPolicy()
  readonly approvalPolicy?: ApprovalPolicy;

  /**
   * Who answers when codex-rs asks for permission; an alternative to `approvalPolicy`.
   *
   * - `autoReview`: codex-rs's own reviewer, a model.
   * - `denyAll`: nobody; what needs permission is not done.
   * - `dangerouslyBypassApprovalsAndSandbox`: nobody is asked and nothing holds the agent back: policy `never` with the sandbox
   *   `danger-full-access`. Only for where something else isolates the agent.
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

  /** Answers approval requests; kept as given, never serialised. */
  @kept()
  readonly approvals?: ApprovalHandler;

  /** Tools the model can call in this process; kept as given, never serialised. */
  @keptList()
  readonly tools?: readonly object[];

  /** Which of codex-rs's own tools the model is offered. */
  @part(ToolSurface)
  readonly toolSurface?: ToolSurface;

  /** Replaces the instructions codex-rs gives the model; empty means none at all. */
  @textOrNothing()
  readonly baseInstructions?: string;

  /** Instructions of the developer, instead of those in the user's configuration; empty means none. */
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
  @configRecord()
  readonly config?: ConfigRecord;

  /** What the thread is filed under; empty when none were given. */
  @labels()
  readonly labels: Labels = Labels.empty;

  /** None at all, which needs no check. @internal */
  static readonly none: ThreadOptions = frozen(new ThreadOptions({}));

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /**
   * Validated, frozen options; each further input is merged over the ones before, as {@link ThreadOptions.merge} does,
   * and only the outcome has to be free of contradictions.
   *
   * @throws {@link ValidationError} with everything that is wrong with the inputs.
   */
  static from(input?: ThreadOptionsRecord, ...over: readonly ThreadOptionsRecord[]): ThreadOptions;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
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
   * What {@link ThreadOptions.from} would do, with the problems as a result instead of an error.
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
   * These options with others over them: labels, `config` and `toolSurface` merge, tools append, everything else is
   * replaced.
   *
   * What the other options make pointless is dropped: an earlier `approvalPolicy` by a later `approvalMode`, an earlier
   * `webSearchEnabled` by a later `webSearchMode`, a setting in `config` by the option of the same meaning (each also the
   * other way round), and `additionalDirectories` by a later `sandboxMode` other than `workspace-write`.
   *
   * @throws {@link ValidationError} with everything that is wrong with the input or with the outcome.
   */
  merge(input: ThreadOptionsRecord): ThreadOptions;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  merge<const Input extends readonly unknown[]>(
    ...input: OtherForm<Input, ThreadOptionsRecord, [input: ThreadOptionsInput]>
  ): ThreadOptions;
  merge(input: ThreadOptionsInput): ThreadOptions {
    return ThreadOptions.from(this, input);
  }

  /** These options with exactly these labels in place of their own. */
  labelled(labels: Labels): ThreadOptions {
    return validated(new ThreadOptions(Object.assign({}, this, { labels })), 'thread options');
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
}
