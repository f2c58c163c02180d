import type { ThreadBuilder } from '../thread/thread-builder.js';
import type { TurnEvent } from '../turn/turn-events.js';
import type { StreamOptions } from '../turn/run-options.js';
import type { TurnResult } from '../turn/turn-result.js';
import type { ImportOptions } from './thread-bundle.js';
import type { StoredTurn } from './thread-record.js';

/** Options of a turn of a stored thread. */
export interface RunTurnOptions
  extends
    Pick<StreamOptions, 'signal' | 'timeouts' | 'approvals' | 'onCutOff' | 'options'>,
    Pick<ImportOptions, 'onNewerCodex'> {
  /**
   * Identifies the turn among those of its thread, for example by the id of the job: of all calls with the same key, one
   * runs. At most 200 characters.
   */
  readonly idempotencyKey: string;
  /**
   * Describes the thread, for its first turn and each time it is loaded. Defaults to `codex.thread()`. Pass the same builder
   * to every call: in an own home, a worker that recorded the last turn of a thread then continues it without loading it
   * again.
   */
  readonly thread?: ThreadBuilder;
  /** Receives the events of the turn; a returned promise is awaited. An error it throws stops the turn. */
  readonly onEvent?: (event: TurnEvent) => unknown;
  /**
   * The owner of the threads in the `CODEX_HOME`. `own` (the default): only this worker; the store has the bundles, and a
   * turn that it has not recorded is discarded. `shared`: all workers; the store has only the records, the thread is
   * unloaded after each turn, and a turn is retaken on a fork.
   */
  readonly home?: 'own' | 'shared';
}

/** The outcome of a turn of a stored thread. It can be stored as JSON, except for `result`. */
export interface TurnOutcome extends Omit<StoredTurn, 'key'> {
  /**
   * `ran`: it ran here; `adopted`: it had run here before, or was running, and was not recorded; `retaken`: it had been cut
   * off, and was reverted and run again; `recorded`: the store already had it, without a request to codex-rs.
   */
  readonly outcome: 'ran' | 'adopted' | 'retaken' | 'recorded';
  /** The thread. */
  readonly threadId: string;
  /** The state of the thread in the store, as the text of a continuation token. */
  readonly continuation: string;
  /** Its full result, or null if it was `recorded`. */
  readonly result: TurnResult | null;
}
