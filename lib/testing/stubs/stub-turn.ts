import type { ThreadOptions } from '../../options/thread-options.js';
import type { TurnEvent } from '../../turn/turn-events.js';
import type { TurnInput } from '../../turn/turn-input.js';
import type { TurnOptions } from '../../turn/turn-options.js';
import type { TurnResult } from '../../turn/turn-result.js';

/** The outcome of a stubbed turn: a final response, a result, or an error. */
export type StubOutcome = string | TurnResult<unknown> | Error;

/** A stubbed turn with custom events. */
export interface StubScript {
  /** The events between the start and the end of the turn, which the stub adds. A generator may wait between events. */
  readonly events: Iterable<TurnEvent> | AsyncIterable<TurnEvent>;
  /** The outcome. Defaults to a result with the completed items. */
  readonly outcome?: StubOutcome;
}

/** A stubbed turn; a function is called when the turn starts. */
export type StubTurn =
  | StubOutcome
  | StubScript
  | ((call: StubCall) => StubOutcome | StubScript | Promise<StubOutcome | StubScript>);

/** One `run` or `runStreamed` call on a stubbed thread. */
export interface StubCall {
  /** The input. */
  readonly input: TurnInput;
  /** The text of the input; its parts are joined with line breaks. */
  readonly text: string;
  /** The effective settings: those of the thread, overridden by those of the turn. */
  readonly threadOptions: ThreadOptions;
  /** The options of the call, without `options` and `repairs`. */
  readonly options: TurnOptions;
  /** The inputs of `steer` calls. */
  readonly steered: readonly TurnInput[];
  /** Whether it was interrupted. */
  readonly wasInterrupted: boolean;
}
