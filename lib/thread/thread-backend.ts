import type { ReviewTarget, Thread } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { Labels } from '../record/labels.js';
import type {
  HistoryOptions,
  ReadOptions,
  RecordedAttachment,
  RecordedItem,
  RecordedTurn,
} from '../record/recorded-history.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { Goal, GoalOptions } from '../turn/goal.js';
import type { ContextWindow } from '../turn/context-window.js';
import type { Turn } from '../turn/turn.js';
import type { TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';

/** The format of a thread's history. Only `paginated` history can be reverted. @inline */
export type HistoryMode = Thread['historyMode'];

/**
 * The storage of a thread. `none`: the thread has not been started. `memory`: it exists in one process only, because it
 * is ephemeral or none of its turns has started. `persisted`: it is on disk and can be resumed.
 *
 * @inline
 */
export type ThreadDurability = 'none' | 'memory' | 'persisted';

/** The point at which a thread is forked; without `at` and `before`, its end. @inline */
export interface ForkPoint {
  /** The last turn that the fork keeps. */
  readonly at?: string | undefined;
  /** The first turn that the fork omits; an alternative to `at`. */
  readonly before?: string | undefined;
}

/** Options of a compaction. @inline */
export interface CompactOptions {
  /** Stops the compaction. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The result of a compaction. @inline */
export interface Compaction {
  /** The turn that codex-rs recorded for the compaction. */
  readonly turnId: string;
  /** A token that resumes the thread in its current state. */
  readonly continuation: ContinuationToken;
  /** The duration in milliseconds, or null if codex-rs did not report it. */
  readonly durationMs: number | null;
}

/** Options of a revert. @inline */
export interface RevertOptions {
  /** The first turn to remove, with all turns after it. */
  readonly before: string;
  /**
   * Whether to restore the files that these turns patched. They are restored only if none of them has changed since.
   *
   * @defaultValue 'keep'
   */
  readonly files?: 'keep' | 'restore';
}

/** The file changes of a turn. @inline */
export interface TurnChanges {
  /** The turn. */
  readonly turnId: string;
  /** A unified diff in git format; empty if no file differs. */
  readonly diff: string;
  /** The files in the diff. */
  readonly files: readonly ChangedFile[];
}

/** A file that a turn changed. @inline */
export interface ChangedFile {
  /**
   * The current path, or the last one of a deleted file: relative to the root of the git repository, else to the
   * working directory.
   */
  readonly path: string;
  /** The kind of change. */
  readonly status: 'added' | 'deleted' | 'modified' | 'renamed';
  /** The previous path of a renamed file; otherwise null. */
  readonly from: string | null;
}

/** A fork for which no `Thread` has been created yet. @internal */
export interface ForkedThread {
  readonly backend: ThreadBackend;
  /** The labels of the fork: those that codex-rs copied, merged with the given ones. */
  readonly labels: Labels;
}

/**
 * The live side of a `Thread`: runs its turns and its other operations. Within one `Codex`, all `Thread` values with
 * the same id share one backend.
 *
 * @internal
 */
export interface ThreadBackend {
  /** The id that codex-rs assigned to the thread, or null before the thread is opened. */
  readonly threadId: string | null;
  /** The metadata that codex-rs returned when the thread was last opened or read, or null before. */
  readonly metadata: ThreadMetadata | null;
  /** A token that resumes the thread in its current state, or null before its first turn starts. */
  readonly continuation: ContinuationToken | null;
  readonly durability: ThreadDurability;
  /** The usage of the model's context window, or null before the first report. */
  readonly contextWindow: ContextWindow | null;
  /** Starts or loads the thread without running a turn, and returns its id. */
  open(): Promise<string>;
  /** Creates a cold turn. */
  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn;
  /** Creates a cold turn for a review. */
  review(target: ReviewTarget, options: ThreadOptions, turnOptions: TurnOptions): Turn;
  /** Creates the backend of another, new thread. */
  another(options: ThreadOptions): ThreadBackend;
  /** Creates a cold goal. */
  pursue(objective: string, options: ThreadOptions, goalOptions: GoalOptions): Goal;
  /** Returns the running turn of the thread, regardless of which client started it, or null. */
  attach(options: ThreadOptions, turnOptions: TurnOptions): Promise<Turn | null>;
  read(options: ReadOptions): Promise<ThreadMetadata>;
  turns(options: HistoryOptions): AsyncIterable<RecordedTurn>;
  /** Returns the turn that ran with this idempotency key, or null. */
  findTurn(key: string): Promise<RecordedTurn | null>;
  items(options: Pick<HistoryOptions, 'order'>): AsyncIterable<RecordedItem>;
  attachments(): AsyncIterable<RecordedAttachment>;
  setName(name: string): Promise<void>;
  /** `options` determine whether a thread that is not open yet will be persisted. */
  setLabels(labels: Labels, options: ThreadOptions): Promise<void>;
  compact(options: CompactOptions): Promise<Compaction>;
  /** `options` belong to the fork. Its `labels` are merged over the copied ones. */
  fork(point: ForkPoint, options: ThreadOptions): Promise<ForkedThread>;
  revert(options: RevertOptions): Promise<ContinuationToken>;
  changes(turnId: string): Promise<TurnChanges>;
  archive(): Promise<void>;
  delete(): Promise<void>;
  release(): Promise<void>;
}
