import type {
  Thread,
  ThreadAttachment,
  ThreadReadState,
  ThreadSettings,
  TokenUsageBreakdown,
  Turn,
} from '../protocol/index.js';

/** What a faulty app-server remembers of one thread; plain JSON. @internal */
export interface FaultyThreadRecord {
  /** The thread as clients see it, but without its turns. */
  thread: Thread;
  /** What the next turn runs with. */
  settings: ThreadSettings;
  /** All turns with all their completed items, oldest first. */
  turns: FaultyTurnRecord[];
  /** What clients attached. */
  attachments: ThreadAttachment[];
  /** What all model requests used together. */
  usage: TokenUsageBreakdown;
  /** What the last model request used, and the turn that made it; null before any. */
  lastUsage: { readonly turnId: string; readonly last: TokenUsageBreakdown } | null;
  /** What the user has not seen yet; null before any turn ended. */
  readState: ThreadReadState | null;
  /** Grows with every turn. */
  ordinal: number;
  /** Whether it is put away. */
  isArchived: boolean;
  /** Whether a turn was ever started: before, codex-rs has no rollout of it. */
  isMaterialised: boolean;
}

/** One stored turn. @internal */
export interface FaultyTurnRecord {
  /** The turn with `itemsView: "full"`. */
  turn: Turn;
  /** Where it begins in the thread's record; cursors name it. */
  ordinal: number;
}
