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

/** What codex-rs wrote a thread's history as; only `paginated` history can be reverted. @inline */
export type HistoryMode = Thread['historyMode'];

/**
 * Where a thread is kept: nowhere, since codex-rs has not heard of it; in the memory of one process, since it is
 * ephemeral or no turn was started on it; or on disk, so that it can be resumed.
 *
 * @inline
 */
export type ThreadDurability = 'none' | 'memory' | 'persisted';

/** Where a thread is forked; at its end without either. @inline */
export interface ForkPoint {
  /** The last turn the fork keeps. */
  readonly at?: string | undefined;
  /** The first turn the fork leaves out, instead of `at`. */
  readonly before?: string | undefined;
}

/** How a thread is compacted. @inline */
export interface CompactOptions {
  /** Stops the compaction; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a compaction did. @inline */
export interface Compaction {
  /** The turn codex-rs recorded it as. */
  readonly turnId: string;
  /** Resumes the thread as it stands now. */
  readonly continuation: ContinuationToken;
  /** How long it took, in milliseconds; null when codex-rs did not say. */
  readonly durationMs: number | null;
}

/** How far a revert goes. @inline */
export interface RevertOptions {
  /** The first turn that goes, with all after it. */
  readonly before: string;
  /**
   * Whether the files that these turns patched are restored, too: only if all of them are as the turns left them.
   *
   * @defaultValue 'keep'
   */
  readonly files?: 'keep' | 'restore';
}

/** What a turn did to files. @inline */
export interface TurnChanges {
  /** The turn. */
  readonly turnId: string;
  /** A unified diff in the form of git; empty if no file differs. */
  readonly diff: string;
  /** The files in it. */
  readonly files: readonly ChangedFile[];
}

/** A file that a turn changed. @inline */
export interface ChangedFile {
  /** Its path now, or the last one if it was deleted: relative to the root of the git repository, else to the working directory. */
  readonly path: string;
  /** What happened to it. */
  readonly status: 'added' | 'deleted' | 'modified' | 'renamed';
  /** For `renamed`: its path before; else null. */
  readonly from: string | null;
}

/** A fork, before it is a `Thread`. @internal */
export interface ForkedThread {
  readonly backend: ThreadBackend;
  /** The labels it has: those codex-rs copied, and the given ones over them. */
  readonly labels: Labels;
}

/**
 * What is behind a `Thread`: runs its turns and does what else can be done with it. All values of one thread id in one
 * `Codex` share one.
 *
 * @internal
 */
export interface ThreadBackend {
  /** The id codex-rs gave the thread, or null before it was opened. */
  readonly threadId: string | null;
  /** What codex-rs said of the thread when it was last opened or read, or null before. */
  readonly metadata: ThreadMetadata | null;
  /** Resumes the thread as it stands now, or null before its first turn started. */
  readonly continuation: ContinuationToken | null;
  readonly durability: ThreadDurability;
  /** How full the context of its model is, or null before the first report. */
  readonly contextWindow: ContextWindow | null;
  /** Starts or loads the thread without running a turn; gives its id. */
  open(): Promise<string>;
  /** A cold turn. */
  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn;
  /** A cold turn that reviews something. */
  review(target: ReviewTarget, options: ThreadOptions, turnOptions: TurnOptions): Turn;
  /** What is behind another, new thread. */
  another(options: ThreadOptions): ThreadBackend;
  /** A cold goal. */
  pursue(objective: string, options: ThreadOptions, goalOptions: GoalOptions): Goal;
  /** The turn that runs on the thread, whoever has started it; null if none runs. */
  attach(options: ThreadOptions, turnOptions: TurnOptions): Promise<Turn | null>;
  read(options: ReadOptions): Promise<ThreadMetadata>;
  turns(options: HistoryOptions): AsyncIterable<RecordedTurn>;
  /** The turn that was run with this idempotency key, or null. */
  findTurn(key: string): Promise<RecordedTurn | null>;
  items(options: Pick<HistoryOptions, 'order'>): AsyncIterable<RecordedItem>;
  attachments(): AsyncIterable<RecordedAttachment>;
  setName(name: string): Promise<void>;
  /** `options` tell whether a thread that is not open yet will be kept at all. */
  setLabels(labels: Labels, options: ThreadOptions): Promise<void>;
  compact(options: CompactOptions): Promise<Compaction>;
  /** `options` are those of the fork; its `labels` lie over the copied ones. */
  fork(point: ForkPoint, options: ThreadOptions): Promise<ForkedThread>;
  revert(options: RevertOptions): Promise<ContinuationToken>;
  changes(turnId: string): Promise<TurnChanges>;
  archive(): Promise<void>;
  delete(): Promise<void>;
  release(): Promise<void>;
}
