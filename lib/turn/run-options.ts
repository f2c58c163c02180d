import type { JsonObject } from '../output/output-format.js';
import type { OutputOf, OutputSource } from '../output/output-schema.js';
import type { TurnOptions } from './turn-options.js';
import type { ThreadOptionsInput } from '../options/thread-options.js';

/** How one turn is streamed. */
export interface StreamOptions extends TurnOptions {
  /**
   * Settings for this turn only: model, effort, summary, sandbox, approvals, working directory, service tier. They are
   * put back before the thread's next turn without them.
   */
  readonly options?: ThreadOptionsInput;
}

/** How one turn is run to its end. */
export interface RunOptions extends StreamOptions {
  /** How often the model is asked, in turns of their own, to mend an answer that does not fit `output`. Defaults to 0. */
  readonly repairs?: number;
}

/**
 * Options that have only names of `Known`, and not both `output` and `outputSchema`: TypeScript lets both pass where it
 * infers a type.
 */
export type KnownOptions<O, Known> = O &
  Readonly<Record<Exclude<keyof O, keyof Known>, never>> &
  (O extends Record<'output' | 'outputSchema', object> ? Record<'outputSchema', never> : unknown);

/** What `result.output` is for these options: `unknown` where they may or may not ask for an output. */
export type OutputFor<O> =
  O extends Record<'output', infer S extends OutputSource>
    ? OutputOf<S>
    : O extends Record<'outputSchema', object>
      ? JsonObject
      : O[Extract<keyof O, 'output' | 'outputSchema'>] extends undefined
        ? undefined
        : unknown;
