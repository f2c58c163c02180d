import type { JsonObject } from '../output/output-format.js';
import type { OutputOf, OutputSource } from '../output/output-schema.js';
import type { ThreadOptionsInput } from '../options/thread-options.js';
import type { TurnOptions } from './turn-options.js';

/** How one turn is streamed. */
export interface StreamOptions<Settings = ThreadOptionsInput> extends TurnOptions {
  /**
   * Settings for this turn only: model, effort, summary, sandbox, approvals, working directory, service tier. They are
   * restored before the thread's next turn without them.
   */
  readonly options?: Settings;
}

/** How one turn is run to its end. */
export interface RunOptions<Settings = ThreadOptionsInput> extends StreamOptions<Settings> {
  /** How many times, each in a separate turn, the model may correct an answer that does not match `output`. Defaults to 0. */
  readonly repairs?: number;
}

/** A constraint on the options: `output` excludes `outputSchema`. */
export type OneOutput<Options> =
  // Never true: the compiler infers `Options` from this branch, and checks names against the other type of the
  // intersection.
  Options extends never
    ? Options
    : Options extends Record<'output' | 'outputSchema', object>
      ? Record<'outputSchema', never>
      : unknown;

/** The type of `result.output` for these options: `unknown` if they may or may not request an output. */
export type OutputFor<O> =
  O extends Record<'output', infer S extends OutputSource>
    ? OutputOf<S>
    : O extends Record<'outputSchema', object>
      ? JsonObject
      : O[Extract<keyof O, 'output' | 'outputSchema'>] extends undefined
        ? undefined
        : unknown;
