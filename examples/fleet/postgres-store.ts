// A turn of a thread that is stored in PostgreSQL. The spec of the store runs it on a real server.
import type { Pool } from 'pg';
import { PostgresThreadStore, runTurn, type TurnOutcome } from '../../lib/fleet/index.js';
import type { Codex } from '../../lib/index.js';

/** Runs the turn of a job. */
export async function firstTurn(codex: Codex, pool: Pool): Promise<TurnOutcome> {
  // #region PostgresThreadStore
  const store = new PostgresThreadStore({ pool });
  const turn = { idempotencyKey: 'job-7' };
  const outcome = await runTurn(store, codex, 'PAY-123', 'Write the migration', turn);
  // #endregion
  return outcome;
}
