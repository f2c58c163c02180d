import type { OutputOf } from '../schema/output-schema.js';
import type { JsonObject } from '../schema/output-format.js';
import type { TurnOptions } from '../turn/turn-options.js';
import type { ThreadOptionsInput } from './thread-options.js';

/** How one turn is streamed. */
export interface StreamOptions extends TurnOptions {
  /**
   * Settings for this turn only: model, effort, summary, sandbox, approvals, working directory, service tier. They are
   * put back before the thread's next turn.
   */
  readonly options?: ThreadOptionsInput;
}

/** How one turn is run to its end. */
export interface RunOptions extends StreamOptions {
  /** How often the model is asked, in turns of their own, to mend an answer that does not fit `output`. Defaults to 0. */
  readonly repairs?: number;
}

/** What `result.output` is for these options. */
export type OutputFor<O extends TurnOptions> =
  O extends Pick<Required<TurnOptions>, 'output'>
    ? OutputOf<O['output']>
    : O extends Pick<Required<TurnOptions>, 'outputSchema'>
      ? JsonObject
      : undefined;
