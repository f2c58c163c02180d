import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pause } from '../pause.js';
import type { HistoryBase } from '../record/history-base.js';
import { messageOf } from '../shapes.js';
import { timers } from '../timers.js';
import { BundleError } from './bundle-error.js';
import { RolloutName } from './rollout-name.js';
import { RolloutPass, type RolloutSummary } from './rollout-pass.js';

/** One rollout file of a thread, up to the part that belongs to the thread. */
export interface ChainedFile {
  readonly file: string;
  readonly name: RolloutName;
  readonly summary: RolloutSummary;
}

/** How long codex-rs may take to write the end of a turn after reporting it, in milliseconds. */
const patienceMs = 5000;

/**
 * The files that hold the history of a thread, its own first: codex-rs begins a new file with each revert and fork, which
 * continues the previous one. Of the previous files, only the beginning belongs to the thread.
 *
 * @throws `BundleError` `rollout-unreadable` if one is missing, or does not end with this turn
 */
export async function rolloutChain(
  home: string,
  path: string,
  turnId: string | null,
): Promise<readonly ChainedFile[]> {
  const name = RolloutName.parse(basename(path));
  if (name === null) throw unreadable(path, 'its name is not that of a rollout file');
  const chain: ChainedFile[] = [];
  let next: ChainedFile | null = { file: path, name, summary: await untilAtRest(path, turnId) };
  while (next !== null) {
    chain.push(next);
    next = await before(home, next);
  }
  if (lastTurnOf(chain) !== turnId)
    throw unreadable(path, `it does not end with turn ${turnId ?? '(none)'}`);
  return chain;
}

/** The turn that a thread with these files ends with. */
export function lastTurnOf(chain: readonly { readonly summary: RolloutSummary }[]): string | null {
  return chain.map(({ summary }) => summary.lastTurnId).find((id) => id !== null) ?? null;
}

/** codex-rs reports the end of a turn shortly before it is in the file. */
async function untilAtRest(file: string, turnId: string | null): Promise<RolloutSummary> {
  const start = timers.performance.now();
  for (;;) {
    const summary = await passed(file, null);
    const isOver = summary?.lastTurnId === null || summary?.lastTurnId === turnId;
    if (summary?.isAtRest === true && isOver) return summary;
    if (timers.performance.now() - start > patienceMs)
      throw unreadable(file, `it does not contain the end of turn ${turnId ?? '(none)'}`);
    await pause(20);
  }
}

/** Reads this number of bytes of a file, or all of it; null if it ends in the middle of a line. */
async function passed(file: string, bytes: number | null): Promise<RolloutSummary | null> {
  try {
    const size = bytes ?? (await stat(file)).size;
    const pass = new RolloutPass();
    for await (const chunk of readStart(file, size)) pass.accept(chunk);
    if (pass.isInLine) return null;
    const summary = pass.finish();
    if (summary.size === size) return summary;
  } catch (error) {
    throw unreadable(file, messageOf(error), error);
  }
  throw unreadable(
    file,
    `it is shorter than the ${String(bytes)} bytes that the next file continues`,
  );
}

/** The first bytes of a file. */
export function readStart(file: string, bytes: number): AsyncIterable<Buffer> {
  // A stream to byte -1 is an error.
  if (bytes === 0) return noBytes();
  return createReadStream(file, { end: bytes - 1 });
}

async function* noBytes(): AsyncGenerator<Buffer> {
  // Nothing to yield.
}

/** The file that another one continues. */
async function before(home: string, child: ChainedFile): Promise<ChainedFile | null> {
  const { base } = child.summary;
  if (base === null) return null;
  const found = await located(home, child, base);
  const summary = await passed(found.file, base.bytes);
  if (summary === null) throw unreadable(found.file, `byte ${base.bytes} is not the end of a line`);
  return { ...found, summary };
}

async function located(
  home: string,
  child: { readonly file: string; readonly name: RolloutName },
  { fileId }: HistoryBase,
): Promise<{ readonly file: string; readonly name: RolloutName }> {
  const likely = child.name.namesOf(fileId).flatMap((text) => {
    const name = RolloutName.parse(text);
    return name === null ? [] : placesOf(home, name).map((file) => ({ file, name }));
  });
  for (const place of likely) if (await isFile(place.file)) return place;
  // For another time zone, or a thread whose id is unknown here: searches the files of these days.
  const days = [...likely.map(({ file }) => dirname(file)), dirname(child.file)];
  for (const directory of new Set(days))
    for (const text of await namesIn(directory)) {
      const name = RolloutName.parse(text);
      if (name?.fileId === fileId) return { file: join(directory, text), name };
    }
  throw unreadable(child.file, `the file ${fileId} that it continues is missing`);
}

/** The possible paths of a file in codex-rs, including those of an archived thread. */
export function placesOf(home: string, name: RolloutName): readonly string[] {
  return [join(home, name.path), join(home, 'archived_sessions', name.text)];
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function unreadable(file: string, why: string, cause?: unknown): BundleError {
  return new BundleError(
    'rollout-unreadable',
    `The rollout ${file} cannot be packed: ${why}. Export the thread on the machine that has its files, while none of its turns is running.`,
    cause,
  );
}
