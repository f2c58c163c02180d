import { DBOSClient } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { postgresPool } from '../fleet/postgres-pool.js';
import { turnKey, type TurnJob } from '../fleet/turn-job.js';
import { answerStream, applicationVersion, queueName, workflowName } from './names.js';
import { transaction } from './transaction.js';

/** The turns of all threads: one workflow per turn, in a queue partition per thread, which runs one turn at a time. */
export class TurnQueue {
  readonly #client: DBOSClient;
  readonly #pool: Pool;

  private constructor(client: DBOSClient, pool: Pool) {
    this.#client = client;
    this.#pool = pool;
  }

  static async connect(url: string): Promise<TurnQueue> {
    const pool = postgresPool(url);
    await pool.query(
      'CREATE TABLE IF NOT EXISTS fleet_threads (thread text PRIMARY KEY, turns integer NOT NULL)',
    );
    return new TurnQueue(await DBOSClient.create({ systemDatabaseUrl: url }), pool);
  }

  /** Adds the next turn of a thread, and returns its key. */
  async add(turn: Omit<TurnJob, 'number'>): Promise<string> {
    return transaction(this.#pool, async (connection) => {
      const { rows } = await connection.query<{ turns: number }>(
        `INSERT INTO fleet_threads VALUES ($1, 1)
         ON CONFLICT (thread) DO UPDATE SET turns = fleet_threads.turns + 1 RETURNING turns`,
        [turn.thread],
      );
      const job: TurnJob = { ...turn, number: rows[0]?.turns ?? 1 };
      const workflowID = turnKey(job);
      const options = {
        queueName,
        workflowName,
        workflowID,
        appVersion: applicationVersion,
        queuePartitionKey: turn.thread,
        // In order, even if two were added within a millisecond.
        priority: job.number,
      };
      await this.#client.enqueueInTransaction(connection, options, job);
      return workflowID;
    });
  }

  /** Cancels a waiting turn, or makes the worker of a running turn interrupt it. */
  async cancel(turn: string): Promise<void> {
    await this.#client.cancelWorkflow(turn);
  }

  /** The answer to a turn as it is written, from its beginning. It restarts if the turn is run again. */
  follow(turn: string): AsyncIterable<string> {
    return this.#client.readStream<string>(turn, answerStream, { pollingIntervalMs: 200 });
  }

  /** The number of turns in each state. */
  async counts(): Promise<Record<string, number>> {
    const { rows } = await this.#pool.query<{ status: string; count: string }>(
      'SELECT status, count(*) FROM dbos.workflow_status WHERE name = $1 GROUP BY status',
      [workflowName],
    );
    const none = { enqueued: 0, pending: 0, success: 0, error: 0 };
    const counts = rows.map(({ status, count }) => [status.toLowerCase(), Number(count)]);
    return { ...none, ...(Object.fromEntries(counts) as Record<string, number>) };
  }

  async close(): Promise<void> {
    await this.#client.destroy();
    await this.#pool.end();
  }
}
