import type { ThreadAttachment, ThreadItemEntry, Turn } from '../protocol/index.js';

/** A turn as recorded by codex-rs, in the wire format. */
export type RecordedTurn = Turn;
/** An item as recorded by codex-rs, with its turn, in the wire format. */
export type RecordedItem = ThreadItemEntry;
/** An attachment of a thread, in the wire format. */
export type RecordedAttachment = ThreadAttachment;

/** Options for reading a thread. @inline */
export interface ReadOptions {
  /** Whether to include the turns with their items. Defaults to `false`. */
  readonly includeTurns?: boolean;
}

/** Options for reading the history of a thread. @inline */
export interface HistoryOptions {
  /** Defaults to `oldestFirst`. */
  readonly order?: 'oldestFirst' | 'newestFirst' | undefined;
  /** The items to include with a turn: all, the first user message and the answer, or none. Defaults to `full`. */
  readonly itemsView?: 'full' | 'summary' | 'notLoaded';
}
