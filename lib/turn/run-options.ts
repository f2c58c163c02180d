import type { JsonObject } from '../output/output-format.js';
import type { OutputOf, OutputSource } from '../output/output-schema.js';
import type { ThreadOptionsInput } from '../options/thread-options.js';
import type { TurnOptions } from './turn-options.js';

/** How one turn is streamed. */
export interface StreamOptions<
  Output = OutputSource | undefined,
  Schema = object | undefined,
  Settings = ThreadOptionsInput,
> extends TurnOptions<Output, Schema> {
  /**
   * Settings for this turn only: model, effort, summary, sandbox, approvals, working directory, service tier. They are
   * put back before the thread's next turn without them.
   */
  readonly options?: Settings;
}

/** How one turn is run to its end. */
export interface RunOptions<
  Output = OutputSource | undefined,
  Schema = object | undefined,
  Settings = ThreadOptionsInput,
> extends StreamOptions<Output, Schema, Settings> {
  /** How often the model is asked, in turns of their own, to mend an answer that does not fit `output`. Defaults to 0. */
  readonly repairs?: number;
}

/** What `result.output` is for these options: `unknown` where they may or may not ask for an output. */
export type OutputFor<Output, Schema> = [Output] extends [OutputSource]
  ? OutputOf<Output>
  : [Schema] extends [object]
    ? JsonObject
    : [Output | Schema] extends [undefined]
      ? undefined
      : unknown;

/** The type of `outputSchema`, which cannot be combined with `output`. */
export type Beside<Output, Schema> = Output extends OutputSource ? undefined : Schema;
