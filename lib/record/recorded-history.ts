import type { ThreadAttachment, ThreadItemEntry, Turn } from '../protocol/index.js';

/** A turn as codex-rs has recorded it: the wire's own value. */
export type RecordedTurn = Turn;
/** An item as codex-rs has recorded it, with the turn it belongs to: the wire's own value. */
export type RecordedItem = ThreadItemEntry;
/** A value that somebody attached to a thread: the wire's own value. */
export type RecordedAttachment = ThreadAttachment;

/** How much of a thread is read. @inline */
export interface ReadOptions {
  /** Whether the turns come with it, with their items. Defaults to `false`. */
  readonly includeTurns?: boolean;
}

/** Which of a thread's history is given, and how. @inline */
export interface HistoryOptions {
  /** Defaults to `oldestFirst`. */
  readonly order?: 'oldestFirst' | 'newestFirst' | undefined;
  /** How much of a turn's items comes with it: all, the first user message and the answer, or nothing. Defaults to `full`. */
  readonly itemsView?: 'full' | 'summary' | 'notLoaded';
}
