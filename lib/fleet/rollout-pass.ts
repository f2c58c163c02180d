import { createHash } from 'node:crypto';
import { historyBase, type HistoryBase } from '../record/history-base.js';
import { isRecord } from '../shapes.js';
import { malformed } from './bundle-error.js';

/** The maximum length of a parsed line. Longer lines, such as those with images, are not relevant. */
const longestLine = 4 * 2 ** 20;

/** The result of one pass over a rollout file. */
export interface RolloutSummary {
  readonly sha256: string;
  readonly size: number;
  /** The thread id in the file. */
  readonly threadId: string;
  readonly base: HistoryBase | null;
  /** The last turn that began in it, or null. */
  readonly lastTurnId: string | null;
  /** Whether the end of that turn is in it. */
  readonly isAtRest: boolean;
}

/** Reads a rollout file once, chunk by chunk: its digest, the history it continues, and its last turn. */
export class RolloutPass {
  readonly #hash = createHash('sha256');
  #size = 0;
  #line: Buffer[] = [];
  #lineLength = 0;
  #beginning: Beginning | null = null;
  #lastTurnId: string | null = null;
  #isAtRest = true;

  accept(chunk: Buffer): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end === -1) break;
      this.#collect(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#collect(chunk.subarray(start));
  }

  /** Whether the last line is incomplete. */
  get isInLine(): boolean {
    return this.#lineLength > 0;
  }

  /** @throws `BundleError` if this is not a rollout file */
  finish(): RolloutSummary {
    if (this.isInLine) throw malformed('one of its files ends in the middle of a line');
    if (this.#beginning === null) throw malformed('one of its files is empty');
    return {
      sha256: this.#hash.digest('hex'),
      size: this.#size,
      ...this.#beginning,
      lastTurnId: this.#lastTurnId,
      isAtRest: this.#isAtRest,
    };
  }

  #collect(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#lineLength += piece.length;
    if (this.#lineLength > longestLine) this.#line = [];
    // Copied, so that a piece does not keep the whole chunk in memory.
    else this.#line.push(Buffer.from(piece));
  }

  #endLine(): void {
    const isFirst = this.#beginning === null;
    const line = this.#lineLength > longestLine ? null : Buffer.concat(this.#line);
    this.#line = [];
    this.#lineLength = 0;
    if (isFirst) this.#beginning = beginningOf(line);
    else if (line !== null && marks.some((mark) => line.includes(mark))) this.#note(line);
  }

  #note(line: Buffer): void {
    const { type, payload } = parsed(line);
    if (type !== 'event_msg' || !isRecord(payload)) return;
    const turnId = payload.turn_id;
    if (payload.type === 'task_started' && typeof turnId === 'string') {
      this.#lastTurnId = turnId;
      this.#isAtRest = false;
    } else if (payload.type === 'task_complete' || payload.type === 'turn_aborted')
      this.#isAtRest ||= turnId === this.#lastTurnId;
  }
}

const marks = ['"task_started"', '"task_complete"', '"turn_aborted"'];

interface Beginning {
  readonly threadId: string;
  readonly base: HistoryBase | null;
}

function beginningOf(line: Buffer | null): Beginning {
  const { type, payload } = line === null ? {} : parsed(line);
  if (type !== 'session_meta' || !isRecord(payload) || typeof payload.id !== 'string')
    throw malformed('one of its files does not begin with the header of a rollout');
  const { history_base: given = null } = payload;
  const base = historyBase(given);
  if (given !== null && base === null)
    throw malformed('one of its files does not name the rollout that it continues');
  return { threadId: payload.id, base };
}

function parsed(line: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line.toString());
    return isRecord(value) ? value : {};
  } catch (error) {
    throw malformed('one of its files has a line that is not valid JSON', error);
  }
}
