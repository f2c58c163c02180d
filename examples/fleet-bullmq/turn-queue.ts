import { Queue, type JobState } from 'bullmq';
import type { Redis } from 'ioredis';
import { turnKey, type TurnJob } from '../fleet/turn-job.js';
import { cancelChannel, cancelledMark, queueName } from './names.js';

/**
 * The turns of all threads. The open-source version of BullMQ would run jobs of one thread concurrently, so only the
 * next turn of each thread is a job, and later ones wait in a hash of the thread.
 */
export class TurnQueue {
  readonly #queue: Queue<TurnJob>;
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#queue = new Queue<TurnJob>(queueName, { connection: redis });
    // ioredis reconnects by itself; without a listener, the process would exit.
    this.#queue.on('error', () => undefined);
  }

  /** Adds the next turn of a thread, and returns its key. */
  async add(turn: Omit<TurnJob, 'number'>): Promise<string> {
    const { thread } = turn;
    const number = Number(
      await this.#redis.eval(addLast, 1, stateOf(thread), JSON.stringify(turn)),
    );
    await this.#offerNext(thread);
    return turnKey({ thread, number });
  }

  /**
   * Marks a turn as settled, so that the next one of its thread may run. It may be called again, such as after a
   * worker died right after it. The next turn is added at the head of the queue. The job that calls this ends after
   * it, and its worker takes the head: the worker that has the thread loaded, unless another worker is idle.
   */
  async settle({ thread, number }: TurnJob): Promise<void> {
    await this.#redis.eval(settleOne, 1, stateOf(thread), number);
    // After some turns, other threads have priority.
    await this.#offerNext(thread, { lifo: number % turnsInARow !== 0 });
  }

  /** Makes the worker that runs a turn interrupt it; a waiting turn is dropped when it is next. */
  async cancel(turn: string): Promise<void> {
    await this.#redis.set(cancelledMark(turn), '1', 'EX', 86_400);
    await this.#redis.publish(cancelChannel, turn);
  }

  async isCancelled(turn: string): Promise<boolean> {
    return (await this.#redis.exists(cancelledMark(turn))) > 0;
  }

  /** The number of turns in each state. */
  async counts(): Promise<Record<string, number>> {
    const states: JobState[] = ['waiting', 'delayed', 'active', 'completed', 'failed'];
    return this.#queue.getJobCounts(...states);
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  /** Creates a job for the next turn, if there is one. BullMQ accepts a job with the same id once. */
  async #offerNext(thread: string, { lifo = false } = {}): Promise<void> {
    const settled = Number((await this.#redis.hget(stateOf(thread), 'settled')) ?? 0);
    const number = settled + 1;
    const turn = await this.#redis.hget(stateOf(thread), String(number));
    if (turn === null) return;
    const job = { ...(JSON.parse(turn) as Omit<TurnJob, 'number'>), number };
    await this.#queue.add('turn', job, {
      jobId: turnKey(job),
      lifo,
      removeOnComplete: { count: 10_000 },
    });
  }
}

/** The number of turns of a thread that may run while others wait. */
const turnsInARow = 8;

// Fields of the hash: the number of turns, the number of settled turns, and each unsettled turn.
const addLast = `
  local number = redis.call('hincrby', KEYS[1], 'last', 1)
  redis.call('hset', KEYS[1], number, ARGV[1])
  return number`;
const settleOne = `
  local settled = tonumber(redis.call('hget', KEYS[1], 'settled') or 0)
  if settled < tonumber(ARGV[1]) then redis.call('hset', KEYS[1], 'settled', ARGV[1]) end
  redis.call('hdel', KEYS[1], ARGV[1])`;

function stateOf(thread: string): string {
  return `fleet:thread:${thread}`;
}
