import type { AppServerSession } from '../wire/app-server-session.js';
import { decode } from '../wire/decode.js';

/** Whether a turn runs on a thread, as reported by codex-rs (`thread/read`). Does not load the thread. */
export async function isActive(session: AppServerSession, threadId: string): Promise<boolean> {
  const { thread } = await session.request('thread/read', { threadId });
  return decode('thread/read', () => thread.status.type === 'active', session);
}
