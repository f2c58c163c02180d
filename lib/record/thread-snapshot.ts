import { Transform } from 'class-transformer';
import { Equals, IsObject, IsOptional, IsString, ValidateBy } from 'class-validator';
import { inspect } from 'node:util';
import type { Thread as WireThread } from '../protocol/index.js';
import { isRecord } from '../shapes.js';
import { hydrated } from '../validation.js';
import { canonicalId, threadIdProblem } from '../ids.js';

/**
 * A thread as JSON: everything that is needed to restore it in another process, and no secret. Made by
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
  /** The version of this form. */
  @Equals(1)
  readonly version!: 1;

  /** The thread's id, or null when it never ran. */
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

  /** The text of its continuation token, or null when no turn of it was seen. */
  @IsOptional()
  @IsString()
  readonly continuation!: string | null;

  /** The labels it carried. */
  @IsObject()
  readonly labels!: Readonly<Record<string, string>>;

  /** Its options, without handlers, tools and credentials. */
  @IsObject()
  readonly options!: Readonly<Record<string, unknown>>;

  /** What codex-rs last said of it, or null. For display: a restored thread is asked for anew. */
  @IsOptional()
  @IsObject()
  readonly metadata!: WireThread | null;

  /**
   * A validated, frozen snapshot from its JSON value, or from another snapshot.
   *
   * @throws `ValidationError` with everything that is wrong
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
