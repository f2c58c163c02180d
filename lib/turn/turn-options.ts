import type { ApprovalHandler } from '../approvals/approval-handler.js';
import type { OutputSource } from '../output/output-schema.js';
import type { TurnBudget } from './turn-budget.js';
import type { TurnTimeouts } from './turn-clock.js';

/** How one turn is run. */
export interface TurnOptions {
  /** Stops the turn when it aborts. `run()` and `result()` reject with its `reason` once the turn and its commands are gone. */
  readonly signal?: AbortSignal;
  /** Its time limits. */
  readonly timeouts?: TurnTimeouts;
  /**
   * Its usage limits, in tokens or in money, sub-agents included. After the report that exceeds a limit the turn is
   * stopped, and `run()` and `result()` reject with `TurnBudgetError`. codex-rs reports once per model request, when its
   * tool calls are done. A repair (`repairs`) is a separate turn with the same budget.
   */
  readonly budget?: TurnBudget;
  /** Behavior while another turn of the thread runs or waits: wait for it (the default), or reject with `ThreadBusyError`. */
  readonly whenBusy?: 'queue' | 'reject';
  /** The type of the answer: a class with class-validator decorators, a Standard Schema, or `{ jsonSchema }`. */
  readonly output?: OutputSource;
  /** The JSON Schema the answer must follow; the same as `output: { jsonSchema }`; cannot be combined with `output`. */
  readonly outputSchema?: object;
  /** The trigger of the turn, such as `timer`: a label for the statistics of codex-rs, which the model does not see. */
  readonly source?: string;
  /** Answers the approval requests of this turn, before the thread's and the client's handlers. */
  readonly approvals?: ApprovalHandler;
  /**
   * Makes the turn run once, for any number of calls in any process: if the thread already has a turn with this key, its
   * result is returned, after waiting for it if it runs. `result.origin` distinguishes the cases. On a new thread, the
   * thread that began with the key takes the place of the new one. At most 200 characters; kept in the history as the
   * client id of the input. The input itself is not compared. On the wire:
   * `turn/start {"clientUserMessageId":"PAY-123/review",…}`, recorded as `{"type":"userMessage","clientId":"PAY-123/review",…}`.
   */
  readonly idempotencyKey?: string;
  /**
   * Behavior if the turn with the key was started before and did not complete: `fail` (the default) rejects with
   * `TurnCutOffError`, since its commands may have run; `retake` reverts it and runs it again.
   */
  readonly onCutOff?: 'fail' | 'retake';
}
