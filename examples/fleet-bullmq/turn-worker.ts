import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { CodexError } from '../../lib/index.js';
import type { FleetEvent } from '../fleet/fleet-event.js';
import { isPassing, TurnHandler } from '../fleet/turn-handler.js';
import { turnKey, type TurnJob } from '../fleet/turn-job.js';
import type { WorkerSetup } from '../fleet/worker-setup.js';
import { cancelChannel, eventsChannel, queueName } from './names.js';
import { TurnQueue } from './turn-queue.js';

/** Runs the turns of the queue, each as a job. */
export class TurnWorker {
  readonly #setup: WorkerSetup;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #queue: TurnQueue;
  readonly #handler: TurnHandler;
  readonly #worker: Worker<TurnJob, string>;
  #pulse: NodeJS.Timeout | undefined;

  constructor(setup: WorkerSetup, redis: Redis) {
    this.#setup = setup;
    this.#redis = redis;
    this.#subscriber = redis.duplicate();
    this.#queue = new TurnQueue(redis);
    this.#handler = new TurnHandler(setup, (event) => {
      this.#tell(event);
    });
    const { concurrency, leaseMs } = setup;
    this.#worker = new Worker<TurnJob, string>(
      queueName,
      async (job, token, signal) => this.#run(job, token, signal ?? new AbortController().signal),
      {
        connection: redis,
        concurrency,
        autorun: false,
        lockDuration: leaseMs,
        stalledInterval: Math.ceil(leaseMs / 3),
        // The death of a worker does not count as a failure of its turn.
        maxStalledCount: 1_000_000,
      },
    );
  }

  async start(): Promise<void> {
    // ioredis reconnects by itself; without a listener, the process would exit.
    for (const part of [this.#worker, this.#redis, this.#subscriber])
      part.on('error', ({ message }: Error) => {
        console.error(message);
      });
    // Another worker has the job now: the result of this one would be discarded.
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#worker.cancelJob(id, 'lost');
    });
    this.#subscriber.on('message', (_channel, turn) => {
      this.#worker.cancelJob(turn, 'cancelled');
    });
    await this.#subscriber.subscribe(cancelChannel);
    void this.#worker.run();
    this.#tell({ kind: 'up' });
    this.#pulse = setInterval(() => {
      this.#tell({ kind: 'alive' });
    }, 1000);
  }

  /**
   * Accepts no more jobs, and waits for the running ones; after the grace period they are interrupted and left to
   * other workers.
   */
  async close(): Promise<void> {
    const grace = setTimeout(() => {
      this.#worker.cancelAllJobs('shutdown');
    }, this.#setup.graceMs);
    await this.#worker.close();
    clearTimeout(grace);
    clearInterval(this.#pulse);
    this.#subscriber.disconnect();
    this.#tell({ kind: 'down' });
    await this.#queue.close();
  }

  async #run(
    job: Job<TurnJob, string>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const turn = turnKey(job.data);
    try {
      if (await this.#queue.isCancelled(turn)) throw new UnrecoverableError('cancelled');
      const answer = await this.#handler.run(job.data, signal);
      // Before the job ends: if this worker dies in between, the job is retried and settles again.
      await this.#queue.settle(job.data);
      return answer;
    } catch (error) {
      const isCancelled = await this.#queue.isCancelled(turn);
      const text = isCancelled ? 'cancelled' : CodexError.is(error) ? error.code : String(error);
      // Interrupted by the end of this worker, or taken over by another: the next worker with the job continues.
      const goesOn = !isCancelled && (signal.aborted || isPassing(error));
      this.#tell({ kind: goesOn ? 'put-off' : 'failed', ...named(job.data), text });
      if (goesOn) return putOff(job, token);
      await this.#queue.settle(job.data);
      throw new UnrecoverableError(CodexError.is(error) ? `${text}: ${error.message}` : text);
    }
  }

  #tell(event: Omit<FleetEvent, 'worker'>): void {
    const text = JSON.stringify({ worker: this.#setup.name, ...event });
    this.#redis.publish(eventsChannel, text).catch(() => undefined);
  }
}

function named(job: TurnJob): Pick<FleetEvent, 'thread' | 'turn'> {
  return { thread: job.thread, turn: turnKey(job) };
}

async function putOff(job: Job, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + 250, token);
  throw new DelayedError();
}
