import type { Requester } from '../loaded/requester.js';
import { RequestError } from '../errors.js';
import { isRecord } from '../shapes.js';

/** A file that a rollout continues from, and how many bytes of it belong to the thread. */
interface Base {
  readonly fileId: string;
  readonly bytes: number;
}

/** A revert and a fork begin a file each: more than this are a circle. */
const mostFiles = 100;

/**
 * The text of the rollout files of a thread, the oldest first; null if its own file cannot be read. codex-rs reads them, so it
 * works on a server elsewhere as well, and without the thread's lock. Files that are missing are left out.
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

function baseOf(text: string): Base | null {
  try {
    const first: unknown = JSON.parse(text.slice(0, text.indexOf('\n')));
    const base =
      isRecord(first) && isRecord(first.payload) ? (first.payload.history_base ?? null) : null;
    if (!isRecord(base)) return null;
    const { thread_id: fileId, end_byte_offset: bytes } = base;
    return typeof fileId === 'string' && typeof bytes === 'number' ? { fileId, bytes } : null;
  } catch {
    return null;
  }
}

/** A file beside this one, or that of the thread with this id. */
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
