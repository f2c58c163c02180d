import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { queueName } from './names.js';
import { transaction } from './transaction.js';

/** Properties of an {@link ExecutorLeases}. @inline */
export interface ExecutorLeasesProps {
  readonly pool: Pool;
  readonly executor: string;
  readonly leaseMs: number;
  /** Called when other executors consider this one dead, and run its turns. */
  readonly onLost: () => void;
}

/**
 * The list of live executors. DBOS recovers the work of an executor when one with the same id starts; here, other
 * executors take over its turns once it has been silent for too long, by the clock of the database.
 */
export class ExecutorLeases {
  readonly #props: ExecutorLeasesProps;
  #beating: NodeJS.Timeout | undefined;
  #lastBeat = 0;
  #steadySince = Infinity;

  constructor(props: ExecutorLeasesProps) {
    this.#props = props;
  }

  async start(): Promise<void> {
    const { pool, leaseMs } = this.#props;
    await pool
      .query(
        'CREATE TABLE IF NOT EXISTS fleet_executors (executor text PRIMARY KEY, seen timestamptz NOT NULL)',
      )
      .catch((error: unknown) => {
        // If two executors create it at the same time, one fails, but the table exists.
        if ((error as { code?: unknown }).code !== '23505') throw error;
      });
    await this.#beat();
    this.#beating = setInterval(() => {
      // The database is unavailable, so no other executor can take over turns either.
      this.#beat().catch(() => undefined);
    }, leaseMs / 5);
  }

  /** Allows other executors to take over the remaining turns immediately. */
  async end(): Promise<void> {
    const { pool, executor } = this.#props;
    clearInterval(this.#beating);
    await pool.query(`UPDATE fleet_executors SET seen = 'epoch' WHERE executor = $1`, [executor]);
  }

  async #beat(): Promise<void> {
    const { pool, executor, leaseMs, onLost } = this.#props;
    const { rows } = await pool.query<{ isNew: boolean }>(
      `INSERT INTO fleet_executors VALUES ($1, now())
       ON CONFLICT (executor) DO UPDATE SET seen = now() RETURNING xmax = 0 AS "isNew"`,
      [executor],
    );
    const now = Date.now();
    if (rows[0]?.isNew === true && this.#lastBeat > 0) onLost();
    // After an outage all executors appear dead: an executor that was itself silent for a whole lease must not judge
    // others.
    if (now - this.#lastBeat > leaseMs / 2) this.#steadySince = now;
    this.#lastBeat = now;
    if (now - this.#steadySince > leaseMs) await this.#takeOver();
  }

  /** Returns the turns of one dead executor to the queue, and holds the lock on its row meanwhile. */
  async #takeOver(): Promise<void> {
    const { pool, leaseMs } = this.#props;
    await transaction(pool, async (connection) => {
      const { rows } = await connection.query<{ executor: string }>(
        `DELETE FROM fleet_executors WHERE executor = (
           SELECT executor FROM fleet_executors WHERE seen < now() - $1 * interval '1 millisecond'
           LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING executor`,
        [leaseMs],
      );
      for (const { executor: executorId } of rows) {
        const left = await DBOS.listWorkflows({ executorId, status: 'PENDING', loadInput: false });
        const ids = left.map(({ workflowID }) => workflowID);
        if (ids.length > 0) await DBOS.resumeWorkflows(ids, { queueName });
      }
    });
  }
}
