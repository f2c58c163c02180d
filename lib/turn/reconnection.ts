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

/** The first pause between two tries, in milliseconds; it doubles each time. */
const firstPauseMs = 100;
const longestPauseMs = 5000;

/** What a {@link Reconnection} works with. */
export interface ReconnectionProps {
  readonly connect: (options: { readonly signal: AbortSignal }) => Promise<AppServerSession>;
  /** Fires when the client is closed: it is tried no more. */
  readonly closing: AbortSignal;
  /** How long it is tried, in milliseconds. */
  readonly withinMs: number;
}

/** Finds a thread again whose server lives on, after the connection to it was lost. */
export class Reconnection {
  readonly #props: ReconnectionProps;

  constructor(props: ReconnectionProps) {
    this.#props = props;
  }

  /**
   * Has the thread go on over another connection.
   *
   * @returns the turn as codex-rs has recorded it by now; null if it has no such turn
   * @throws what the last try failed with; `signal.reason`
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
        // Between half and the whole of it: clients that were cut off together do not come back together.
        const pauseMs = Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
        await pause(
          Math.min(leftMs, pauseMs * (0.5 + Math.random() / 2)),
          AbortSignal.any([signal, this.#props.closing]),
        );
      }
    }
  }
}

/** Finds threads again over other connections; null where a connection that is lost is the end of its server. */
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

/** The turn that is sought. */
export interface Sought {
  readonly isIt: (turn: Turn) => boolean;
  /** Ends the search. */
  readonly signal: AbortSignal;
  /** Called before each try. */
  readonly before: () => void;
}

/** A turn that has just begun is not in the history yet, and one that has just ended is there without its end. */
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

/** Whether a turn does not run, and nobody has ended it. */
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
