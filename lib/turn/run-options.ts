import type { JsonObject } from '../output/output-format.js';
import type { OutputOf, OutputSource } from '../output/output-schema.js';
import type { ThreadOptionsInput } from '../options/thread-options.js';
import type { TurnOptions } from './turn-options.js';

/** How one turn is streamed. */
export interface StreamOptions<Settings = ThreadOptionsInput> extends TurnOptions {
  /**
   * Settings for this turn only: model, effort, summary, sandbox, approvals, working directory, service tier. They are
   * put back before the thread's next turn without them.
   */
  readonly options?: Settings;
}

/** How one turn is run to its end. */
export interface RunOptions<Settings = ThreadOptionsInput> extends StreamOptions<Settings> {
  /** How often the model is asked, in turns of their own, to mend an answer that does not fit `output`. Defaults to 0. */
  readonly repairs?: number;
}

/** What options must be besides their own type: without `outputSchema` if there is an `output`. */
export type OneOutput<Options> =
  // Never true: the compiler infers `Options` from this branch, and checks names by the type that is beside this one.
  Options extends never
    ? Options
    : Options extends Record<'output' | 'outputSchema', object>
      ? Record<'outputSchema', never>
      : unknown;

/** What `result.output` is for these options: `unknown` where they may or may not ask for an output. */
export type OutputFor<O> =
  O extends Record<'output', infer S extends OutputSource>
    ? OutputOf<S>
    : O extends Record<'outputSchema', object>
      ? JsonObject
      : O[Extract<keyof O, 'output' | 'outputSchema'>] extends undefined
        ? undefined
        : unknown;
