import { TransportError } from '../errors.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { pause } from '../pause.js';
import type { Turn } from '../protocol/index.js';
import { timers } from '../timers.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { decode } from '../wire/decode.js';
import { paged } from '../wire/paged.js';

/** The first pause between two attempts, in milliseconds; it doubles each time. */
const firstPauseMs = 100;
const longestPauseMs = 5000;

/** Properties of a {@link Reconnection}. */
export interface ReconnectionProps {
  readonly connect: (options: { readonly signal: AbortSignal }) => Promise<AppServerSession>;
  /** Aborts when the client is closed, which ends the attempts. */
  readonly closing: AbortSignal;
  /** The time limit for all attempts, in milliseconds. */
  readonly withinMs: number;
}

/** Finds a thread again after the connection to its server was lost and the server kept running. */
export class Reconnection {
  readonly #props: ReconnectionProps;

  constructor(props: ReconnectionProps) {
    this.#props = props;
  }

  /**
   * Continues the thread over another connection.
   *
   * @returns the turn as recorded by codex-rs so far; null if there is no such turn
   * @throws the error of the last attempt; `signal.reason`
   */
  async find(thread: LoadedThread, { isIt, signal, before }: Sought): Promise<Turn | null> {
    const deadline = timers.performance.now() + this.#props.withinMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        before();
        await thread.rejoin(await this.#props.connect({ signal }));
        return await foundIn(thread, isIt);
      } catch (error) {
        const leftMs = deadline - timers.performance.now();
        if (leftMs <= 0 || !TransportError.is(error) || !error.retryable) throw error;
        // Between half and all of the pause, so that clients disconnected together do not reconnect together.
        const pauseMs = Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
        await pause(
          Math.min(leftMs, pauseMs * (0.5 + Math.random() / 2)),
          AbortSignal.any([signal, this.#props.closing]),
        );
      }
    }
  }
}

/** Finds threads again over other connections; null if the server ends with its connection. */
export function reconnectionTo(
  appServer: AppServer,
  { transport }: Pick<CodexOptions, 'transport'>,
): Reconnection | null {
  const withinMs = transport?.reconnectMs ?? 0;
  if (withinMs === 0) return null;
  const connect = async (options: { readonly signal: AbortSignal }): Promise<AppServerSession> =>
    appServer.connect(options);
  return new Reconnection({ connect, closing: appServer.closing, withinMs });
}

/** The turn to find. */
export interface Sought {
  readonly isIt: (turn: Turn) => boolean;
  /** Ends the search. */
  readonly signal: AbortSignal;
  /** Called before each attempt. */
  readonly before: () => void;
}

/** A turn that has just begun is not in the history yet; one that has just ended is recorded without its end. */
async function foundIn(
  thread: LoadedThread,
  isIt: Sought['isIt'],
  triesLeft = 20,
): Promise<Turn | null> {
  const turn = await recorded(thread, isIt);
  const isSettled = turn === null ? !thread.activity.isActive : !isOpenEnded(turn);
  if (isSettled || triesLeft === 0) return turn;
  await pause(50);
  return foundIn(thread, isIt, triesLeft - 1);
}

/** Whether a turn is not running and has no recorded end. */
export function isOpenEnded({ status, completedAt }: Turn): boolean {
  return status === 'interrupted' && completedAt === null;
}

async function recorded(
  { session, threadId }: LoadedThread,
  isIt: Sought['isIt'],
): Promise<Turn | null> {
  const turns = paged(session, async (cursor) =>
    session.request('thread/turns/list', { threadId, cursor, limit: 5, itemsView: 'full' }),
  );
  for await (const turn of turns)
    if (decode('thread/turns/list', () => isIt(turn), session)) return turn;
  return null;
}
