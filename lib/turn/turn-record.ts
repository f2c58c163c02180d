import { CodexError, ValidationError, type ValidationProblem } from '../errors.js';
import type { ThreadItem, TurnError } from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import { frozen, shown } from '../validation.js';
import { finalResponseIn } from './final-response.js';
import { TurnFailedError } from './turn-failed-error.js';
import { TurnInterruptedError } from './turn-interrupted-error.js';
import { measured } from './turn-measures.js';
import type { TurnResult } from './turn-result.js';
import { breakdown, type TurnUsage } from './usage.js';

/** A turn that is over, as it is given or thrown. */
export type EndedTurn = TurnResult<unknown> | TurnInterruptedError | TurnFailedError;

/** A {@link TurnRecord} as JSON: the `TurnResult` of the Python client, key for key. */
export interface TurnRecordJson {
  /** The turn's id. */
  readonly id: string;
  /** How it ended. */
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** codex-rs's own account of a failure. */
  readonly error: TurnError | null;
  /** When it began, in seconds since 1970. */
  readonly started_at: number | null;
  /** When it was over, in seconds since 1970. */
  readonly completed_at: number | null;
  /** How long it took, in milliseconds. */
  readonly duration_ms: number | null;
  /** The model's answer. */
  readonly final_response: string | null;
  /** The wire's own items. */
  readonly items: readonly ThreadItem[];
  /** What the thread had spent by then, and what the last model request alone. */
  readonly usage: TurnRecordUsage | null;
}

/** The tokens in a {@link TurnRecordJson}. */
export interface TurnRecordUsage {
  /** What the last model request of the turn spent. */
  readonly last: TurnUsage;
  /** How many tokens the context of the model holds. */
  readonly modelContextWindow: number | null;
  /** What the thread had spent by then. */
  readonly total: TurnUsage;
}

/**
 * A turn that is over, to be kept: its JSON is what the Python client's `TurnResult` has, so that programs in both languages
 * can share what they store. Frozen.
 *
 * Keys that this version does not know are kept: {@link TurnRecord.toJSON} gives back exactly what went in.
 *
 * @example
 * ```ts
 * const text = JSON.stringify(TurnRecord.of(await thread.run('Look around')));
 *
 * const { status, finalResponse } = TurnRecord.fromJSON(JSON.parse(text));
 * console.log(status, finalResponse); // completed A test fails.
 * ```
 */
export class TurnRecord {
  readonly #json: TurnRecordJson;

  private constructor(json: TurnRecordJson) {
    this.#json = json;
  }

  /**
   * The record of a result, or of the error an interrupted or failed turn ended with.
   *
   * @throws `CodexError` `turn-not-started` for a turn that was cancelled before it was sent
   */
  static of(turn: EndedTurn): TurnRecord {
    if (turn.turnId === null)
      throw new CodexError('The turn was cancelled before it was sent: there is no record of it.', {
        code: 'turn-not-started',
      });
    return TurnRecord.fromJSON({
      id: turn.turnId,
      ...endingOf(turn),
      started_at: secondsOf(turn.startedAt),
      completed_at: secondsOf(turn.completedAt),
      duration_ms: turn.durationMs,
      items: turn.items,
      usage: usageOf(turn),
    });
  }

  /**
   * Wraps the JSON of a turn.
   *
   * @throws `ValidationError` with every key that is missing or has the wrong type
   */
  static fromJSON(json: unknown): TurnRecord {
    const problems = problemsIn(json);
    if (problems.length > 0) throw new ValidationError('turn record', problems);
    const record = new TurnRecord(frozen(structuredClone(json as TurnRecordJson)));
    Object.freeze(record);
    return record;
  }

  /** The turn's id. */
  get turnId(): string {
    return this.#json.id;
  }

  /** How it ended. */
  get status(): TurnRecordJson['status'] {
    return this.#json.status;
  }

  /** codex-rs's own account of a failure, or null. */
  get error(): TurnError | null {
    return this.#json.error;
  }

  /** The model's answer, or null. */
  get finalResponse(): string | null {
    return this.#json.final_response;
  }

  /** The wire's own items, in the order in which they completed. */
  get items(): readonly ThreadItem[] {
    return this.#json.items;
  }

  /** When codex-rs began with it, to the second, or null. */
  get startedAt(): Date | null {
    return measured({ startedAt: this.#json.started_at }).startedAt;
  }

  /** When it was over, to the second, or null. */
  get completedAt(): Date | null {
    return measured({ completedAt: this.#json.completed_at }).completedAt;
  }

  /** How long codex-rs took for it, in milliseconds, or null. */
  get durationMs(): number | null {
    return this.#json.duration_ms;
  }

  /** What the thread had spent by then, or null. What the turn alone spent is not in the JSON. */
  get threadUsage(): TurnUsage | null {
    return this.#json.usage && breakdown(this.#json.usage.total);
  }

  /** What the turn's last model request alone spent, or null. */
  get lastRequestUsage(): TurnUsage | null {
    return this.#json.usage && breakdown(this.#json.usage.last);
  }

  /** How many tokens the context of the model held, or null. */
  get modelContextWindow(): number | null {
    return this.#json.usage?.modelContextWindow ?? null;
  }

  /** The JSON it was made of, key for key. */
  toJSON(): TurnRecordJson {
    return structuredClone(this.#json);
  }
}

function endingOf(turn: EndedTurn): Pick<TurnRecordJson, 'status' | 'error' | 'final_response'> {
  // By name, so that errors of another copy of the package are taken as well.
  if (TurnFailedError.is(turn))
    return { status: 'failed', error: turn.turnError, final_response: null };
  return {
    status: TurnInterruptedError.is(turn) ? 'interrupted' : 'completed',
    error: null,
    final_response: finalResponseIn(turn.items),
  };
}

function secondsOf(date: Date | null): number | null {
  return date === null ? null : date.getTime() / 1000;
}

function usageOf({
  threadUsage,
  lastRequestUsage,
  modelContextWindow,
}: EndedTurn): TurnRecordJson['usage'] {
  if (threadUsage === null || lastRequestUsage === null) return null;
  return { last: lastRequestUsage, modelContextWindow, total: threadUsage };
}

type Rule = readonly [holds: (value: unknown) => boolean, wanted: string];

const orNull =
  (holds: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || holds(value);

const number: Rule = [orNull(Number.isFinite), 'a number or null'];

const rules: Readonly<Record<keyof TurnRecordJson, Rule>> = {
  id: [(value) => typeof value === 'string', 'a string'],
  status: [
    (value) => ['completed', 'interrupted', 'failed'].includes(value as string),
    'completed, interrupted or failed',
  ],
  error: [orNull(isPlainObject), 'an object or null'],
  started_at: number,
  completed_at: number,
  duration_ms: number,
  final_response: [orNull((value) => typeof value === 'string'), 'a string or null'],
  items: [(value) => Array.isArray(value) && value.every(isPlainObject), 'a list of objects'],
  usage: [
    orNull(
      (value) => isPlainObject(value) && isPlainObject(value.last) && isPlainObject(value.total),
    ),
    'an object with last and total, or null',
  ],
};

function problemsIn(json: unknown): ValidationProblem[] {
  if (!isPlainObject(json))
    return [{ path: '', reason: `must be a JSON object, got ${shown(json)}` }];
  return Object.entries(rules).flatMap(([path, [holds, wanted]]) => {
    if (holds(json[path])) return [];
    if (!Object.hasOwn(json, path)) return [{ path, reason: 'is missing' }];
    return [{ path, reason: `must be ${wanted}, got ${shown(json[path])}` }];
  });
}
