import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { workflowName } from '../../../examples/fleet-dbos/names.js';
import { TurnQueue } from '../../../examples/fleet-dbos/turn-queue.js';
import type { TurnJob } from '../../../examples/fleet/turn-job.js';
import type { UnreliableLine } from '../../remote/unreliable-line.js';
import type { ChaosEngine } from './chaos-engine.js';
import { PostgresUnderChaos, type ChaosStore } from './chaos-store.js';
import { PostgresServer } from '../postgres-server.js';

export class DbosUnderChaos implements ChaosEngine {
  readonly program = '.build/examples/fleet-dbos/worker.js';
  readonly server: PostgresServer;
  readonly #turns: TurnQueue;
  readonly #client: DBOSClient;

  private constructor(server: PostgresServer, turns: TurnQueue, client: DBOSClient) {
    this.server = server;
    this.#turns = turns;
    this.#client = client;
  }

  static async start(): Promise<DbosUnderChaos> {
    const server = await PostgresServer.start();
    const url = server.url();
    await DBOS.migrate(url);
    const turns = await TurnQueue.connect(url);
    return new DbosUnderChaos(server, turns, await DBOSClient.create({ systemDatabaseUrl: url }));
  }

  get port(): number {
    return this.server.port;
  }

  environment(line: UnreliableLine): Record<string, string> {
    const url = this.server.url('postgres', line.port);
    return { DATABASE_URL: url, FLEET_STORE: url };
  }

  /** Everything is in one database. */
  async store(): Promise<ChaosStore> {
    return Promise.resolve(new PostgresUnderChaos(this.server));
  }

  async add(turn: Omit<TurnJob, 'number'>): Promise<unknown> {
    return this.#turns.add(turn);
  }

  async ended(): Promise<{ readonly all: number; readonly failed: readonly string[] }> {
    const { success = 0, error = 0, cancelled = 0 } = await this.#turns.counts();
    const failed =
      error === 0
        ? []
        : await this.#client.listWorkflows({ workflowName, status: 'ERROR', loadInput: false });
    return {
      all: success + error + cancelled,
      failed: failed.map(({ workflowID, error }) => `${workflowID}: ${String(error)}`),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    await this.#client.destroy();
    await this.server[Symbol.asyncDispose]();
  }
}
