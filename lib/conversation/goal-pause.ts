import type { LoadedThread } from '../loaded/loaded-thread.js';
import { pause } from '../pause.js';
import type {
  ServerNotification,
  ThreadGoalMutationOrigin,
  ThreadGoalStatus,
} from '../protocol/index.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import type { Exchange } from '../turn/exchange.js';
import { reportProblem } from '../telemetry/report-problem.js';

/**
 * The maximum time between the decision of codex-rs to begin a turn and its start, in milliseconds. codex-rs reads the goal
 * before it begins the turn, and reports the end of the last turn after that: its replies do not show whether it has
 * decided. The observed maximum is 20 ms.
 */
export const decidedMs = 500;

/**
 * Pauses a goal while other work needs the thread: codex-rs begins the next turn of an active goal immediately after the
 * last one, and accepts input that arrives in between as steering of the new turn.
 */
export class GoalPause {
  #status: ThreadGoalStatus | null = null;
  #hold: Hold | null = null;
  #released: Promise<void> = Promise.resolve();

  /** Whether codex-rs continues it, now or once it is released. */
  get isOn(): boolean {
    return (this.#hold?.next ?? this.#status) === 'active';
  }

  /** Whether codex-rs may begin a turn at any time. */
  get isNeeded(): boolean {
    return this.#status === 'active' && this.#hold === null;
  }

  /** Accepts a notification of the thread. */
  accept({ method, params }: ServerNotification): void {
    if (method === 'thread/goal/cleared') this.#update(null, null);
    if (method === 'thread/goal/updated') this.#update(params.goal.status, params.turnId);
  }

  /** Resolves when no turn runs and codex-rs does not begin one before {@link GoalPause.release}. */
  async hold(thread: LoadedThread): Promise<void> {
    const { activity } = thread;
    if (this.isNeeded) {
      this.#hold = { thread, next: 'active', isPaused: false, isReleased: false };
      try {
        await this.#pause(thread, 'automatic');
      } catch (error) {
        this.#hold = null;
        // It was cleared a moment ago.
        if (meaningOf(error) !== 'no-goal') throw error;
        this.#status = null;
      }
    }
    await activity.quiet();
  }

  /** Restores the goal's status, unless it was changed in the meantime. */
  async release(): Promise<void> {
    if (this.#hold === null) return;
    this.#hold.isReleased = true;
    this.#released = this.#release(this.#hold);
    await this.#released;
  }

  async #release({ thread, next: status }: Hold): Promise<void> {
    const { session, threadId, overrides } = thread;
    try {
      if (!thread.isUsable || status === null) return;
      await overrides.putBack();
      const params = { threadId, status, origin: 'automatic' } as const;
      const { goal } = await session.request('thread/goal/set', params);
      this.#status = goal.status;
    } catch (error) {
      reportProblem(threadId, 'goal', error);
    } finally {
      this.#hold = null;
    }
  }

  /** Pauses or resumes the goal; while it is held, that takes effect with {@link GoalPause.release}. */
  async set(thread: LoadedThread, status: 'active' | 'paused'): Promise<void> {
    const { session, threadId } = thread;
    if (this.#hold?.isReleased === true) await this.#released;
    if (this.#hold !== null) this.#hold.next = status === 'active' ? status : null;
    else if (status === 'paused') await this.#pause(thread, 'user');
    else await session.request('thread/goal/set', { threadId, status, origin: 'user' });
  }

  /** Resolves when codex-rs will not begin another turn; one may be running. */
  async #pause(
    { session, threadId }: LoadedThread,
    origin: ThreadGoalMutationOrigin,
  ): Promise<void> {
    await session.request('thread/goal/set', { threadId, status: 'paused', origin });
    await pause(decidedMs);
  }

  #update(status: ThreadGoalStatus | null, turnId: string | null): void {
    this.#status = status;
    const hold = this.#hold;
    if (hold === null) return;
    // The usage of a turn is reported with its id.
    if (hold.isPaused && (status !== 'paused' || turnId === null)) hold.next = null;
    else if (status === 'paused') hold.isPaused = true;
    // It ended before it was paused.
    else hold.next = status;
  }
}

/** A goal whose turns codex-rs begins automatically. */
export interface Pursuit {
  /** Its turn that is on the wire. */
  readonly exchange: Exchange | null;
  /** Whether codex-rs may begin another turn. */
  readonly isOn: boolean;
  accept(notification: ServerNotification): void;
}

interface Hold {
  readonly thread: LoadedThread;
  /** The status that follows; null to leave it as it is. */
  next: ThreadGoalStatus | null;
  /** Whether codex-rs has paused it. */
  isPaused: boolean;
  isReleased: boolean;
}
