import { ThreadStateError } from '../loaded/thread-state-error.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { carries } from '../record/client-message.js';
import { isActive } from '../loaded/is-active.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { RequestError } from '../errors.js';
import { pause } from '../pause.js';
import type { Turn } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import { TurnCutOffError } from '../turn/turn-cut-off-error.js';
import { completionsOf } from '../turn/turn-notifications.js';
import type { TurnRun } from '../turn/turn-run.js';
import type { LiveThread } from './live-thread.js';
import type { RunningTurn } from './running-turn.js';

/** The minimum time that another client has to send a turn it has claimed, in milliseconds. */
const patienceMs = 2000;
const triesApartMs = 50;

/** Properties of a {@link KeyedTurn}. */
export interface KeyedTurnProps {
  readonly run: TurnRun;
  readonly thread: LiveThread;
  readonly connect: () => Promise<AppServerSession>;
  /** Whether other clients use the same codex-rs. */
  readonly isShared: boolean;
  /** Begins the run with an existing turn. */
  readonly adopt: (thread: LoadedThread, continuation: ContinuationToken) => void;
  /** Joins a running turn until its end. */
  readonly follow: (running: RunningTurn) => Promise<void>;
}

/** A turn with an idempotency key, before it is sent: an existing turn with the key takes its place. */
export class KeyedTurn {
  readonly #props: KeyedTurnProps;

  constructor(props: KeyedTurnProps) {
    this.#props = props;
  }

  /** Whether another client of the same server already runs the turn. It is over then. */
  async isRunning(): Promise<boolean> {
    const { run, thread, isShared, follow } = this.#props;
    if (!isShared || !(await this.#isActive())) return false;
    const running = await thread.running();
    if (running === null) return false;
    if (!carries(running.turn, run.clientMessageId)) {
      // The thread was joined only for that turn: its next turn loads it with its own settings.
      running.thread.close();
      return false;
    }
    run.origin = 'attached';
    await follow(running);
    return true;
  }

  /**
   * Whether the run has the outcome of an existing turn. Otherwise it may be sent.
   *
   * @throws {@link TurnCutOffError} if the turn was cut off and must not be retaken
   * @throws `ThreadStateError` for a thread without a history, or one that cannot be reverted
   */
  async isSettled(loaded: LoadedThread): Promise<boolean> {
    const { run } = this.#props;
    if (loaded.metadata.isEphemeral) throw refusal('thread-ephemeral', loaded);
    // Clients that wait for the same turn must not time out at the same moment.
    let msLeft = patienceMs * (1 + Math.random());
    for (; !run.isOver; msLeft -= triesApartMs) {
      const turn = await loaded.inputs.find(run.clientMessageId);
      if (turn?.status === 'completed') return this.#replay(loaded, turn);
      if (turn?.status === 'inProgress') return this.#attach(loaded, turn);
      const hasSuccessor = turn !== null && (await this.#hasSuccessor(loaded, turn));
      // A later turn may be this turn, retaken by another client meanwhile.
      if (hasSuccessor && !(await this.#isStill(loaded, turn))) continue;
      if (turn !== null) this.#requireRetake(loaded, turn, hasSuccessor);
      if (await this.#isOurs(loaded, turn, msLeft > 0)) {
        if (turn !== null) await this.#revert(loaded, turn);
        return false;
      }
      await pause(triesApartMs, run.over);
    }
    return true;
  }

  async #isActive(): Promise<boolean> {
    const { thread, connect } = this.#props;
    const session = await connect();
    if (thread.threadId === null) return false;
    if (thread.loaded?.session === session) return thread.loaded.activity.isActive;
    try {
      return await isActive(session, thread.threadId);
    } catch (error) {
      // It cannot be loaded either, and that error gives the reason.
      if (RequestError.is(error)) return false;
      throw error;
    }
  }

  async #replay(loaded: LoadedThread, turn: Turn): Promise<boolean> {
    const { run, thread, adopt } = this.#props;
    const { threadId } = loaded;
    run.origin = 'adopted';
    await thread.followTail();
    adopt(loaded, thread.tokenAfter(threadId, turn.id));
    run.tear();
    for (const notification of completionsOf(turn.items, { threadId, turnId: turn.id }))
      run.accept(notification);
    run.accept({ method: 'turn/completed', params: { threadId, turn } });
    return true;
  }

  async #attach(thread: LoadedThread, turn: Turn): Promise<boolean> {
    const { run, follow } = this.#props;
    run.origin = 'attached';
    await follow({ thread, turn });
    return true;
  }

  async #hasSuccessor(loaded: LoadedThread, { id }: Turn): Promise<boolean> {
    for await (const newest of loaded.turns()) return newest.id !== id;
    return false;
  }

  async #isStill(loaded: LoadedThread, { id }: Turn): Promise<boolean> {
    return (await loaded.inputs.find(this.#props.run.clientMessageId))?.id === id;
  }

  #requireRetake({ threadId }: LoadedThread, turn: Turn, hasSuccessor: boolean): void {
    const { clientMessageId: idempotencyKey, options } = this.#props.run;
    if (options.onCutOff === 'retake' && !hasSuccessor) return;
    const { id: turnId, items } = turn;
    const turnStatus = turn.status === 'failed' ? 'failed' : 'interrupted';
    const props = { threadId, turnId, idempotencyKey, turnStatus, items, hasSuccessor } as const;
    throw new TurnCutOffError(props);
  }

  async #revert(loaded: LoadedThread, turn: Turn): Promise<void> {
    const { run, thread } = this.#props;
    if (loaded.metadata.historyMode === 'legacy') throw refusal('thread-legacy-history', loaded);
    await loaded.overrides.putBack();
    await thread.cutBefore(loaded, turn.id);
    run.origin = 'retaken';
  }

  /** If several clients of one server want to send the turn, only one does. */
  async #isOurs(loaded: LoadedThread, cutOff: Turn | null, isPatient: boolean): Promise<boolean> {
    if (!this.#props.isShared) return true;
    const { attachments } = loaded;
    const first = `${this.#props.run.clientMessageId}\0`;
    const what = first + (cutOff?.id ?? '');
    try {
      const isOurs = await attachments.claim(what);
      // After the revert, it appears to other clients as never sent.
      if (isOurs && what !== first) await attachments.claim(first);
      if (isOurs) return true;
    } catch (error) {
      // A thread without a turn does not accept attachments, and only this client knows its id.
      if (meaningOf(error) === 'unknown-thread') return true;
      throw error;
    }
    // The client that claimed it is gone.
    if (!isPatient) await attachments.disclaim(what);
    return false;
  }
}

function refusal(
  code: 'thread-ephemeral' | 'thread-legacy-history',
  { threadId }: LoadedThread,
): ThreadStateError {
  return new ThreadStateError({ code, threadId, action: 'A turn with an idempotencyKey' });
}
