import {
  Equals,
  IsObject,
  IsOptional,
  IsString,
  Transform,
  ValidateBy,
} from '../deferred-decorators.js';
import { inspect } from 'node:util';
import type { Thread as WireThread } from '../protocol/index.js';
import { isRecord } from '../shapes.js';
import { hydrated } from '../validation.js';
import { canonicalId, threadIdProblem } from '../ids.js';

/**
 * A thread as JSON: everything needed to restore it in another process, without secrets. Created by
 * `JSON.stringify(thread)`, read by `codex.restoreThread`.
 *
 * @example
 * ```ts
 * const text = JSON.stringify(thread);
 *
 * const snapshot = ThreadSnapshot.fromJSON(JSON.parse(text));
 * console.log(snapshot.labels); // { ticket: 'PAY-123' }
 * const restored = await codex.restoreThread(snapshot);
 * console.log(restored.equals(thread)); // true
 * ```
 */
export class ThreadSnapshot {
  /** The version of this format. */
  @Equals(1)
  readonly version!: 1;

  /** The thread's id, or null if it has not run. */
  @IsOptional()
  @ValidateBy({
    name: 'isThreadId',
    validator: {
      validate: (value) => threadIdProblem(value) === null,
      defaultMessage: (given) => threadIdProblem(given?.value) ?? '',
    },
  })
  @Transform(({ value }: { readonly value: unknown }) =>
    typeof value === 'string' ? canonicalId(value) : value,
  )
  readonly threadId!: string | null;

  /** The text of its continuation token, or null if no turn was observed. */
  @IsOptional()
  @IsString()
  readonly continuation!: string | null;

  /** Its labels. */
  @IsObject()
  readonly labels!: Readonly<Record<string, string>>;

  /** Its options, without handlers, tools and credentials. */
  @IsObject()
  readonly options!: Readonly<Record<string, unknown>>;

  /** The last known metadata from codex-rs, or null. For display only: a restored thread is read again. */
  @IsOptional()
  @IsObject()
  readonly metadata!: WireThread | null;

  /**
   * Creates a validated, frozen snapshot from its JSON value, or from another snapshot.
   *
   * @throws `ValidationError` with all problems
   */
  static fromJSON(json: unknown): ThreadSnapshot {
    const fields: unknown = isRecord(json) ? { ...json } : json;
    return hydrated(ThreadSnapshot, fields, 'thread snapshot');
  }

  /** @internal */
  [inspect.custom](): string {
    const shown = Object.assign({}, this, {
      continuation: this.continuation === null ? null : '[redacted]',
    });
    return `ThreadSnapshot ${inspect(shown, { depth: 4 })}`;
  }
}
