import { resolve } from 'node:path';
import type { ServerNotification } from '../protocol/index.js';
import { fileDiffs } from '../turn/file-diff.js';

/** The number of turns of a thread that are kept. */
const keptTurns = 100;

/** The file changes of a turn as reported by codex-rs. */
export interface TurnDiff {
  /** The latest diff; empty without one. */
  readonly diff: string;
  /** The turn's working directory; null if unknown. */
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

  /** The diff of a turn, or null. */
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
 * The patched files that exist but are missing from the diff. codex-rs drops a file, or the whole diff, if it cannot track
 * a patch, such as one to a symbolic link.
 */
export function leftOut({ diff, patched }: TurnDiff, root: string): readonly string[] {
  const names = fileDiffs(diff).flatMap(({ from, to }) => [from, to]);
  const known = new Set(names.flatMap((name) => (name === null ? [] : [resolve(root, name)])));
  return [...patched].filter((path) => !known.has(path));
}
