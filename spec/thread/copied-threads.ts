import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import type { Codex } from '../../lib/index.js';

/** The times at which a copy was created and last written to, in whole seconds. */
export interface CopyTimes {
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * Copies the file in which codex-rs stores a thread, under other ids and with other times: a fast replacement for
 * running each thread. Another process than the thread's has to list them. Returns their ids.
 */
export async function copiedThreads(
  codex: Codex,
  threadId: string,
  times: readonly CopyTimes[],
): Promise<string[]> {
  const { thread } = await codex.request('thread/read', { threadId });
  const { path, createdAt } = thread;
  if (path === null) throw new Error(`Thread ${threadId} is in no file.`);
  const text = readFileSync(path, 'utf8');
  return times.map((time, index) => {
    const id = threadId.slice(0, -6) + String(index).padStart(6, '0');
    const stamp = time.createdAt.toISOString();
    const copy = path
      .replace(threadId, id)
      .replace(/\d+-\d+-\d+T\d+-\d+-\d+/, stamp.slice(0, 19).replaceAll(':', '-'));
    const second = new Date(createdAt * 1000).toISOString().slice(0, 19);
    writeFileSync(
      copy,
      text.replaceAll(threadId, id).replaceAll(new RegExp(`${second}\\.\\d+Z`, 'g'), stamp),
    );
    utimesSync(copy, time.updatedAt, time.updatedAt);
    return id;
  });
}
