import { isTurnOf, type KnownTurn } from './is-turn-of.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { pause } from '../pause.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import { decode } from '../wire/decode.js';
import { TransportError } from '../errors.js';
import type { Turn } from '../protocol/index.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { ReconciledTurn } from './outcome-unknown-error.js';
import { isActive } from '../loaded/is-active.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/** How long a turn may take to appear in the history, in milliseconds. */
const laterMs = 200;

/** How an {@link UnknownOutcome} accesses the thread. */
export interface Recovery {
  /** The thread, loaded. */
  readonly load: () => Promise<LoadedThread>;
  /** Replaces a process that does not respond. */
  readonly recycle: (session: AppServerSession) => Promise<void>;
}

/** A sent turn without an acknowledgement, until the thread's history shows its outcome. */
export class UnknownOutcome {
  readonly #run: KnownTurn;

  constructor(run: KnownTurn) {
    this.#run = run;
  }

  /** Looks the turn up; if it is still running, waits for its end. An unresponsive codex-rs is replaced, once. */
  async settle({ load, recycle }: Recovery): Promise<ReconciledTurn> {
    const thread = await load();
    try {
      return this.#told(thread, await this.#lookUp(thread));
    } catch (error) {
      if (!TransportError.is(error) || error.code !== 'timeout') throw error;
      await recycle(thread.session);
      const again = await load();
      return this.#told(again, await this.#lookUp(again));
    }
  }

  #told({ threadId }: LoadedThread, found: ReconciledTurn): ReconciledTurn {
    const { clientMessageId } = this.#run;
    telemetry.turnReconcile.publish(() => {
      const { turnId, turnStatus } =
        found.status === 'found' ? found : { turnId: null, turnStatus: null };
      return { threadId, clientMessageId, status: found.status, turnId, turnStatus };
    });
    return found;
  }

  async #lookUp(thread: LoadedThread): Promise<ReconciledTurn> {
    const { session, threadId, metadata } = thread;
    let found = null as Turn | null;
    const end = await session.until(threadId, {
      told: ({ method, params }) =>
        method === 'turn/completed' && (found === null || params.turn.id === found.id),
      asked: async () => {
        if (metadata.isEphemeral) return !(await isActive(thread.session, thread.threadId));
        found = (await this.#find(thread)) ?? (await this.#findLater(thread));
        return found === null
          ? !(await isActive(thread.session, thread.threadId))
          : found.status !== 'inProgress';
      },
    });
    if (metadata.isEphemeral) return { status: 'untraceable' };
    return described(end === 'answered' ? found : ((await this.#find(thread)) ?? found));
  }

  /** codex-rs accepts a turn up to 50 ms before it begins, and records it then. */
  async #findLater(thread: LoadedThread): Promise<Turn | null> {
    await pause(laterMs);
    return this.#find(thread);
  }

  async #find(thread: LoadedThread, triesLeft = 20): Promise<Turn | null> {
    try {
      const { clientMessageId, review } = this.#run;
      if (review === null) return await thread.inputs.find(clientMessageId);
      // The summary of a turn does not show that it is a review.
      for await (const turn of thread.turns('full'))
        if (decode('thread/turns/list', () => isTurnOf(this.#run, turn), thread.session))
          return turn;
      return null;
    } catch (error) {
      // It has the thread loaded, so it is still writing the beginning of the rollout.
      if (meaningOf(error) !== 'unreadable-history' || triesLeft === 0) throw error;
      await pause(50);
      return this.#find(thread, triesLeft - 1);
    }
  }
}

function described(turn: Turn | null): ReconciledTurn {
  if (turn === null) return { status: 'absent' };
  return { status: 'found', turnId: turn.id, turnStatus: turn.status, items: turn.items };
}
