import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { ServerNotification } from '../protocol/index.js';
import { TurnConflictError } from './turn-conflict-error.js';
import { inputIn } from './turn-notifications.js';
import type { TurnRun } from './turn-run.js';

/**
 * Detects that the input of a turn was added to a turn that another client started at the same time: codex-rs treats the
 * later input as steering.
 */
export class TurnConflict {
  readonly #run: TurnRun;
  readonly #thread: LoadedThread;
  #hasOwnInput = false;

  constructor({ run, thread }: { readonly run: TurnRun; readonly thread: LoadedThread }) {
    this.#run = run;
    this.#thread = thread;
  }

  /** Whether this notification shows the conflict; if so, ends the run. The first input of a turn counts. */
  isShownBy(notification: ServerNotification): boolean {
    const { turnId, clientMessageId } = this.#run;
    const input = inputIn(notification);
    this.#hasOwnInput ||= input === clientMessageId;
    if (turnId === null || input === null || this.#hasOwnInput) return false;
    const { threadId } = this.#thread;
    this.#run.fail(new TurnConflictError({ threadId, turnId }));
    return true;
  }
}
