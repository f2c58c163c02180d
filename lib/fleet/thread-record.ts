import { CodexError } from '../errors.js';
import { threadIdProblem } from '../ids.js';
import { isPlainObject } from '../shapes.js';
import type { TurnUsage } from '../turn/usage.js';

/** A turn that a store has recorded. */
export interface StoredTurn {
  /** Its idempotency key. */
  readonly key: string;
  /** Its id. */
  readonly turnId: string;
  /** The model's answer, or null. */
  readonly finalResponse: string | null;
  /** Its usage, or null if unknown. */
  readonly usage: TurnUsage | null;
}

/** The data that a store keeps of a thread in addition to its bundle: its id, its state, and its newest turns. */
export interface ThreadRecord {
  /** The thread. */
  readonly threadId: string;
  /** The text of its continuation token, or null before its first turn was recorded. */
  readonly continuation: string | null;
  /** Its newest turns, newest last. */
  readonly turns: readonly StoredTurn[];
}

/**
 * Parses the record returned by a store.
 *
 * @throws `CodexError` `malformed-record` if it is invalid
 */
export function recordIn(key: string, json: string): ThreadRecord {
  try {
    const value: unknown = JSON.parse(json);
    if (isPlainObject(value) && isRecordShaped(value)) return value as unknown as ThreadRecord;
  } catch {
    // It is invalid too.
  }
  throw new CodexError(
    `The value stored under ${JSON.stringify(key)} is not a valid thread record: another program may have written it. Delete it, or use another key.`,
    { code: 'malformed-record' },
  );
}

function isRecordShaped({ threadId, continuation, turns }: Record<string, unknown>): boolean {
  if (threadIdProblem(threadId) !== null) return false;
  if (continuation !== null && typeof continuation !== 'string') return false;
  return Array.isArray(turns) && turns.every(isTurn);
}

function isTurn(value: unknown): boolean {
  return isPlainObject(value) && typeof value.key === 'string' && typeof value.turnId === 'string';
}
