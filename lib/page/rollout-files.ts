import type { Requester } from '../loaded/requester.js';
import { RequestError } from '../errors.js';
import { historyBase, type HistoryBase } from '../record/history-base.js';
import { isRecord } from '../shapes.js';

/** Each revert and each fork starts a file. A longer chain indicates a cycle. */
const mostFiles = 100;

/**
 * Returns the text of the rollout files of a thread, the oldest first; null if its own file cannot be read. codex-rs
 * reads the files, so this works with a remote server, and without the thread's lock. Missing files are skipped.
 */
export async function rolloutTexts(
  server: Requester,
  path: string,
): Promise<readonly string[] | null> {
  const texts: string[] = [];
  let next: { readonly path: string; readonly bytes: number } | null = { path, bytes: Infinity };
  while (next !== null && texts.length < mostFiles) {
    const content = await readFile(server, next.path);
    if (content === null) break;
    const text = content.subarray(0, next.bytes).toString('utf8');
    texts.unshift(text);
    const base = baseOf(text);
    const before: string | null = base && (await pathOf(server, next.path, base.fileId));
    next = base === null || before === null ? null : { path: before, bytes: base.bytes };
  }
  return texts.length === 0 ? null : texts;
}

async function readFile(server: Requester, path: string): Promise<Buffer | null> {
  try {
    const { dataBase64 } = await server.request('fs/readFile', { path });
    return Buffer.from(dataBase64, 'base64');
  } catch (error) {
    if (RequestError.is(error)) return null;
    throw error;
  }
}

function baseOf(text: string): HistoryBase | null {
  try {
    const first: unknown = JSON.parse(text.slice(0, text.indexOf('\n')));
    return isRecord(first) && isRecord(first.payload)
      ? historyBase(first.payload.history_base)
      : null;
  } catch {
    return null;
  }
}

/** Returns a file in the same directory, or the file of the thread with this id. */
async function pathOf(server: Requester, path: string, fileId: string): Promise<string | null> {
  const separator = path.includes('\\') ? '\\' : '/';
  const folder = path.slice(0, path.lastIndexOf(separator));
  try {
    const { entries } = await server.request('fs/readDirectory', { path: folder });
    const found = entries.find(({ fileName }) => fileName.endsWith(`${fileId}.jsonl`));
    if (found !== undefined) return [folder, found.fileName].join(separator);
    const { thread } = await server.request('thread/read', { threadId: fileId });
    return thread.path;
  } catch (error) {
    if (RequestError.is(error)) return null;
    throw error;
  }
}
