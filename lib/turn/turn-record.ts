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

/** A finished turn, returned or thrown. */
export type EndedTurn = TurnResult<unknown> | TurnInterruptedError | TurnFailedError;

/** A {@link TurnRecord} as JSON: the `TurnResult` of the Python client, key for key. */
export interface TurnRecordJson {
  /** The turn's id. */
  readonly id: string;
  /** Its final status. */
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** The error of a failed turn as reported by codex-rs. */
  readonly error: TurnError | null;
  /** The start time, in seconds since 1970. */
  readonly started_at: number | null;
  /** The end time, in seconds since 1970. */
  readonly completed_at: number | null;
  /** Its duration, in milliseconds. */
  readonly duration_ms: number | null;
  /** The model's answer. */
  readonly final_response: string | null;
  /** The items in wire format. */
  readonly items: readonly ThreadItem[];
  /** The usage of the thread by then, and of the last model request. */
  readonly usage: TurnRecordUsage | null;
}

/** The tokens in a {@link TurnRecordJson}. */
export interface TurnRecordUsage {
  /** The usage of the turn's last model request. */
  readonly last: TurnUsage;
  /** The size of the model's context, in tokens. */
  readonly modelContextWindow: number | null;
  /** The usage of the thread by then. */
  readonly total: TurnUsage;
}

/**
 * A storable record of a finished turn: its JSON equals the `TurnResult` of the Python client, so that programs in both
 * languages can share stored turns. Frozen.
 *
 * Keys that this version does not know are kept: {@link TurnRecord.toJSON} returns exactly the input.
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
   * The record of a result, or of the error of an interrupted or failed turn.
   *
   * @throws `CodexError` `turn-not-started` for a turn that was cancelled before it was sent
   */
  static of(turn: EndedTurn): TurnRecord {
    if (turn.turnId === null)
      throw new CodexError('A turn that was cancelled before it was sent has no record.', {
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

  /** Its final status. */
  get status(): TurnRecordJson['status'] {
    return this.#json.status;
  }

  /** The error of a failed turn as reported by codex-rs, or null. */
  get error(): TurnError | null {
    return this.#json.error;
  }

  /** The model's answer, or null. */
  get finalResponse(): string | null {
    return this.#json.final_response;
  }

  /** The items in wire format, in order of completion. */
  get items(): readonly ThreadItem[] {
    return this.#json.items;
  }

  /** The start time, in whole seconds, or null. */
  get startedAt(): Date | null {
    return measured({ startedAt: this.#json.started_at }).startedAt;
  }

  /** The end time, in whole seconds, or null. */
  get completedAt(): Date | null {
    return measured({ completedAt: this.#json.completed_at }).completedAt;
  }

  /** Its duration in codex-rs, in milliseconds, or null. */
  get durationMs(): number | null {
    return this.#json.duration_ms;
  }

  /** The usage of the thread by then, or null. The usage of the turn alone is not in the JSON. */
  get threadUsage(): TurnUsage | null {
    return this.#json.usage && breakdown(this.#json.usage.total);
  }

  /** The usage of the turn's last model request, or null. */
  get lastRequestUsage(): TurnUsage | null {
    return this.#json.usage && breakdown(this.#json.usage.last);
  }

  /** The size of the model's context in tokens, or null. */
  get modelContextWindow(): number | null {
    return this.#json.usage?.modelContextWindow ?? null;
  }

  /** The JSON it was made of, key for key. */
  toJSON(): TurnRecordJson {
    return structuredClone(this.#json);
  }
}

function endingOf(turn: EndedTurn): Pick<TurnRecordJson, 'status' | 'error' | 'final_response'> {
  // By name, so that errors of another copy of the package are accepted too.
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
    '"completed", "interrupted" or "failed"',
  ],
  error: [orNull(isPlainObject), 'an object or null'],
  started_at: number,
  completed_at: number,
  duration_ms: number,
  final_response: [orNull((value) => typeof value === 'string'), 'a string or null'],
  items: [(value) => Array.isArray(value) && value.every(isPlainObject), 'an array of objects'],
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
