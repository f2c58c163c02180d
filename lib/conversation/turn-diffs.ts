import { resolve } from 'node:path';
import type { ServerNotification } from '../protocol/index.js';
import { fileDiffs } from '../turn/file-diff.js';

/** How many turns of a thread are kept. */
const keptTurns = 100;

/** What codex-rs reported of the files that a turn changed. */
export interface TurnDiff {
  /** The newest diff; empty where there is none. */
  readonly diff: string;
  /** Where the turn worked; null if that is not known. */
  readonly directory: string | null;
  /** The absolute paths of the files that were patched. */
  readonly patched: ReadonlySet<string>;
}

/** The diffs of the newest turns of a thread. codex-rs reports them while a turn runs, and does not record them. */
export class TurnDiffs {
  readonly #turns = new Map<
    string,
    { diff: string; directory: string | null; patched: Set<string> }
  >();

  /** Accepts a notification of the thread. */
  accept({ method, params }: ServerNotification, directory: string | undefined): void {
    if (method === 'turn/started') this.#begin(params.turn.id, directory ?? null);
    if (method === 'turn/diff/updated') {
      const turn = this.#turns.get(params.turnId);
      if (turn !== undefined) turn.diff = params.diff;
    }
    if (method === 'item/completed' && params.item.type === 'fileChange') {
      const { changes, status } = params.item;
      if (status === 'declined') return;
      for (const { path } of changes) this.#turns.get(params.turnId)?.patched.add(path);
    }
  }

  /** What is known of a turn, or null. */
  of(turnId: string): TurnDiff | null {
    return this.#turns.get(turnId) ?? null;
  }

  #begin(turnId: string, directory: string | null): void {
    this.#turns.set(turnId, { diff: '', directory, patched: new Set() });
    const [oldest] = this.#turns.keys();
    if (this.#turns.size > keptTurns && oldest !== undefined) this.#turns.delete(oldest);
  }
}

/**
 * The files that were patched and that the diff leaves out, although they are there. codex-rs drops a file, or the whole diff,
 * when it cannot follow a patch, such as one to a symbolic link.
 */
export function leftOut({ diff, patched }: TurnDiff, root: string): readonly string[] {
  const names = fileDiffs(diff).flatMap(({ from, to }) => [from, to]);
  const known = new Set(names.flatMap((name) => (name === null ? [] : [resolve(root, name)])));
  return [...patched].filter((path) => !known.has(path));
}
