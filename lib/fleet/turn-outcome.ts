import type { ThreadBuilder } from '../thread/thread-builder.js';
import type { TurnEvent } from '../turn/turn-events.js';
import type { StreamOptions } from '../turn/run-options.js';
import type { TurnResult } from '../turn/turn-result.js';
import type { ImportOptions } from './thread-bundle.js';
import type { StoredTurn } from './thread-record.js';

/** How a turn of a stored thread is run. */
export interface RunTurnOptions
  extends
    Pick<StreamOptions, 'signal' | 'timeouts' | 'approvals' | 'onCutOff' | 'options'>,
    Pick<ImportOptions, 'onNewerCodex'> {
  /** Names the turn among those of its thread, such as by the id of the job: of all calls with it, one runs. At most 200 characters. */
  readonly idempotencyKey: string;
  /** Describes the thread, for its first turn and each time it is loaded. Defaults to `codex.thread()`. */
  readonly thread?: ThreadBuilder;
  /** Gets what the turn says on the way; a promise it gives is waited for. An error it throws stops the turn. */
  readonly onEvent?: (event: TurnEvent) => unknown;
  /**
   * Whose the threads in the `CODEX_HOME` are. `own` (the default): those of this worker alone; the store has the bundles, and a
   * turn that it has not recorded counts for nothing. `shared`: those of all workers; the store has the records alone, the thread
   * is unloaded after each turn, and a turn is retaken on a fork.
   */
  readonly home?: 'own' | 'shared';
}

/** What became of a turn of a stored thread. It can be kept as JSON, but for `result`. */
export interface TurnOutcome extends Omit<StoredTurn, 'key'> {
  /**
   * `ran`: it was run here; `adopted`: it had run here before, or was running, and was not recorded; `retaken`: it had been cut off,
   * and was reverted and run again; `recorded`: the store had it already, and codex-rs was not asked.
   */
  readonly outcome: 'ran' | 'adopted' | 'retaken' | 'recorded';
  /** The thread. */
  readonly threadId: string;
  /** Where the thread stands in the store, as the text of a continuation token. */
  readonly continuation: string;
  /** All of its result, or null if it was `recorded`. */
  readonly result: TurnResult | null;
}
