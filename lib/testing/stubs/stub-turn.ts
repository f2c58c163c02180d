import type { ThreadOptions } from '../../options/thread-options.js';
import type { TurnEvent } from '../../turn/turn-events.js';
import type { TurnInput } from '../../turn/turn-input.js';
import type { TurnOptions } from '../../turn/turn-options.js';
import type { TurnResult } from '../../turn/turn-result.js';

/** How a turn of a stub thread ends: with this final response or result, or with this error. */
export type StubOutcome = string | TurnResult<unknown> | Error;

/** A turn of a stub thread with events of its own. */
export interface StubScript {
  /**
   * What is told between the turn's beginning and its end, both of which the stub tells itself. A generator may wait in its
   * middle.
   */
  readonly events: Iterable<TurnEvent> | AsyncIterable<TurnEvent>;
  /** How it ends. Defaults to a result with the items that the events completed. */
  readonly outcome?: StubOutcome;
}

/** A turn of a stub thread; a function is asked when the turn starts. */
export type StubTurn =
  | StubOutcome
  | StubScript
  | ((call: StubCall) => StubOutcome | StubScript | Promise<StubOutcome | StubScript>);

/** One `run` or `runStreamed` of a stub thread that was started. */
export interface StubCall {
  /** What it was given. */
  readonly input: TurnInput;
  /** The text in it; its parts are lines. */
  readonly text: string;
  /** The settings that the turn has: the thread's, and its own laid over them. */
  readonly threadOptions: ThreadOptions;
  /** The options it was given, without `options` and `repairs`. */
  readonly options: TurnOptions;
  /** What it was steered with. */
  readonly steered: readonly TurnInput[];
  /** Whether it was stopped. */
  readonly wasInterrupted: boolean;
}
