import { LoadedThread } from '../loaded/loaded-thread.js';
import type { ThreadListener } from '../loaded/thread-subscription.js';
import { unloadThread } from '../loaded/unload-thread.js';
import type { Turn } from '../protocol/index.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { decode, list } from '../wire/decode.js';

/** A running turn of a thread. */
export interface RunningTurn {
  readonly thread: LoadedThread;
  readonly turn: Turn;
}

/** Properties of {@link runningTurn}. */
export interface RunningTurnProps {
  readonly session: AppServerSession;
  readonly threadId: string;
  /** The thread, if this client has it loaded. */
  readonly known: LoadedThread | null;
  readonly listener: ThreadListener;
}

/** A thread with its running turn, started by any client; null if no turn runs. */
export async function runningTurn(props: RunningTurnProps): Promise<RunningTurn | null> {
  const { session, threadId, known, listener } = props;
  const thread = known ?? (await LoadedThread.join(session, threadId, listener));
  const turn = thread.activity.isActive ? await newestOf(thread) : null;
  if (turn?.status === 'inProgress') return { thread, turn };
  if (known === null) {
    thread.close();
    await unloadThread(session, thread.threadId);
  }
  return null;
}

async function newestOf({ session, threadId }: LoadedThread): Promise<Turn | null> {
  const params = { threadId, limit: 1, itemsView: 'full' } as const;
  const { data } = await session.request('thread/turns/list', params);
  return decode('thread/turns/list', () => list(data), session)[0] ?? null;
}
