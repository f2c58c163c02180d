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

/** How long a turn that another client has claimed may need to be sent, at least, in milliseconds. */
const patienceMs = 2000;
const triesApartMs = 50;

/** What a {@link KeyedTurn} works with. */
export interface KeyedTurnProps {
  readonly run: TurnRun;
  readonly thread: LiveThread;
  readonly connect: () => Promise<AppServerSession>;
  /** Whether others use the codex-rs too. */
  readonly isShared: boolean;
  /** Begins the run with a turn that exists. */
  readonly adopt: (thread: LoadedThread, continuation: ContinuationToken) => void;
  /** Takes part in a turn that runs, to its end. */
  readonly follow: (running: RunningTurn) => Promise<void>;
}

/** A turn with an idempotency key, before it is sent: one that has the key already takes its place. */
export class KeyedTurn {
  readonly #props: KeyedTurnProps;

  constructor(props: KeyedTurnProps) {
    this.#props = props;
  }

  /** Whether the turn runs already, started by another client of the same server. It is over then. */
  async isRunning(): Promise<boolean> {
    const { run, thread, isShared, follow } = this.#props;
    if (!isShared || !(await this.#isActive())) return false;
    const running = await thread.running();
    if (running === null) return false;
    if (!carries(running.turn, run.clientMessageId)) {
      // It was joined for that turn alone: its next turn loads it with its own settings.
      running.thread.close();
      return false;
    }
    run.origin = 'attached';
    await follow(running);
    return true;
  }

  /**
   * Whether the run has the outcome of a turn that was there already. Otherwise it may be sent.
   *
   * @throws {@link TurnCutOffError} if the turn was cut off and is not to be retaken
   * @throws `ThreadStateError` for a thread that keeps no history, or one that cannot be reverted
   */
  async isSettled(loaded: LoadedThread): Promise<boolean> {
    const { run } = this.#props;
    if (loaded.metadata.isEphemeral) throw refusal('thread-ephemeral', loaded);
    // Clients that wait for the same turn do not lose their patience together.
    let msLeft = patienceMs * (1 + Math.random());
    for (; !run.isOver; msLeft -= triesApartMs) {
      const turn = await loaded.inputs.find(run.clientMessageId);
      if (turn?.status === 'completed') return this.#replay(loaded, turn);
      if (turn?.status === 'inProgress') return this.#attach(loaded, turn);
      const hasSuccessor = turn !== null && (await this.#hasSuccessor(loaded, turn));
      // What came behind it may be itself, retaken by another client meanwhile.
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
      // It cannot be loaded either, and that error says why.
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

  /** Of several clients of one server that are about to send the turn, one does. */
  async #isOurs(loaded: LoadedThread, cutOff: Turn | null, isPatient: boolean): Promise<boolean> {
    if (!this.#props.isShared) return true;
    const { attachments } = loaded;
    const first = `${this.#props.run.clientMessageId}\0`;
    const what = first + (cutOff?.id ?? '');
    try {
      const isOurs = await attachments.claim(what);
      // Once it is reverted, it looks to others as if it had never been sent.
      if (isOurs && what !== first) await attachments.claim(first);
      if (isOurs) return true;
    } catch (error) {
      // A thread without a turn takes no attachments, and is known to this client alone.
      if (meaningOf(error) === 'unknown-thread') return true;
      throw error;
    }
    // Whoever has claimed it is gone.
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
