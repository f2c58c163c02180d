import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ThreadConversation } from '../thread/thread-conversation.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/** A conversation, as those see it who do something else with its thread than running turns. */
export interface LiveThread extends Omit<ThreadConversation, 'lifecycle' | 'turn'> {
  readonly threadId: string | null;
  readonly metadata: ThreadMetadata | null;
  readonly continuation: ContinuationToken | null;
  /** Whether a turn, or something else that needs the thread for itself, runs or waits. */
  readonly isBusy: boolean;
  /** The thread as it is loaded now, or null. */
  readonly loaded: LoadedThread | null;
  /** Loads the thread and does the work while no turn runs, behind what is already waiting. */
  exclusively<T>(work: (thread: LoadedThread) => Promise<T>): Promise<T>;
  /** The same without loading the thread. While `isOver` returns true, the work does not make the thread busy. */
  queued<T>(work: () => Promise<T>, isOver?: () => boolean): Promise<T>;
  /** The thread now ends with this turn, or has none: the token follows. */
  moveTo(turnId: string | null): void;
  /** The thread is not loaded any more: the next use loads it again. */
  unload(): void;
  /** Takes in what codex-rs says of the thread. */
  update(metadata: ThreadMetadata): void;
}
