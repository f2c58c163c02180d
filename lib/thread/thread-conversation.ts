import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { Turn } from '../turn/turn.js';
import type { TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';
import type { ThreadActions } from './thread-actions.js';
import type { ThreadOptions } from '../options/thread-options.js';

/**
 * The live side of a thread, as far as a `Thread` knows it. All values of one thread id in one `Codex` share one.
 *
 * @internal
 */
export interface ThreadConversation {
  /** The id codex-rs gave the thread, or null before it was opened. */
  readonly threadId: string | null;
  /** What codex-rs said of the thread when it was last opened or read, or null before. */
  readonly metadata: ThreadMetadata | null;
  /** Resumes the thread as it stands now, or null before its first turn started. */
  readonly continuation: ContinuationToken | null;
  /** What can be done with the thread besides running turns. */
  readonly lifecycle: ThreadActions;
  /** Starts or loads the thread without running a turn; gives its id. */
  open(): Promise<string>;
  /** A cold turn. */
  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn;
}
