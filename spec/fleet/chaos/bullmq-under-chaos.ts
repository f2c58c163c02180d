import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { queueName } from '../../../examples/fleet-bullmq/names.js';
import { TurnQueue } from '../../../examples/fleet-bullmq/turn-queue.js';
import type { TurnJob } from '../../../examples/fleet/turn-job.js';
import type { UnreliableLine } from '../../remote/unreliable-line.js';
import type { ChaosEngine } from './chaos-engine.js';
import { DirectoryUnderChaos, type ChaosStore } from './chaos-store.js';
import { RedisServer } from './redis-server.js';

export class BullmqUnderChaos implements ChaosEngine {
  readonly program = '.build/examples/fleet-bullmq/worker.js';
  readonly #server: RedisServer;
  readonly #redis: Redis;
  readonly #turns: TurnQueue;
  readonly #jobs: Queue;

  private constructor(server: RedisServer) {
    this.#server = server;
    this.#redis = new Redis(server.port, '127.0.0.1');
    this.#turns = new TurnQueue(this.#redis);
    this.#jobs = new Queue(queueName, { connection: this.#redis });
  }

  static async start(): Promise<BullmqUnderChaos> {
    return new BullmqUnderChaos(await RedisServer.start());
  }

  get port(): number {
    return this.#server.port;
  }

  environment(line: UnreliableLine): Record<string, string> {
    return { REDIS_URL: `redis://127.0.0.1:${line.port}` };
  }

  async store(directory: string): Promise<ChaosStore> {
    return DirectoryUnderChaos.create(directory);
  }

  async add(turn: Omit<TurnJob, 'number'>): Promise<unknown> {
    return this.#turns.add(turn);
  }

  async ended(): Promise<{ readonly all: number; readonly failed: readonly string[] }> {
    const [all, failed] = await Promise.all([
      this.#jobs.getJobCountByTypes('completed', 'failed'),
      this.#jobs.getFailed(),
    ]);
    return { all, failed: failed.map(({ id, failedReason }) => `${id}: ${failedReason}`) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    await this.#jobs.close();
    this.#redis.disconnect();
    await this.#server[Symbol.asyncDispose]();
  }
}
