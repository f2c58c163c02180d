import { inspect } from 'node:util';
import { ValidationError, type ValidationProblem } from '../errors.js';
import { entriesOf, isReservedName, shown, type Examination } from '../validation.js';

/** The maximum size of a label in its stored form `name=value`, in UTF-8 bytes: the limit of codex-rs. */
const storedBytesLimit = 256;

/** An unpaired surrogate cannot be encoded in UTF-8, so codex-rs would return something else. */
const unpaired = /\p{Surrogate}/u;

/** The input of {@link Labels.from}: a plain object, a `Map`, `[name, value]` entries, or labels. */
export type LabelsInput =
  Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/**
 * The labels of a thread: an immutable record of strings, in the given order.
 *
 * codex-rs stores them with the thread, each as `name=value`, so that they outlive the process and can be searched.
 *
 * @example
 * ```ts
 * const labels = Labels.from({ team: 'payments' }).merge({ ticket: 'PAY-123' });
 * console.log(labels.get('ticket')); // PAY-123
 * console.log(JSON.stringify(labels)); // {"team":"payments","ticket":"PAY-123"}
 * console.log(labels.without('team').equals({ ticket: 'PAY-123' })); // true
 * ```
 */
export class Labels {
  /** Empty labels. */
  static readonly empty: Labels = new Labels(new Map());

  readonly #values: ReadonlyMap<string, string>;

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
    Object.freeze(this);
  }

  /**
   * Creates labels from names and values.
   *
   * @throws {@link ValidationError} for an empty or reserved name, a name with `=`, a value that is not a string or is
   * empty, a duplicate name, or a label whose stored form exceeds 256 bytes of UTF-8
   */
  static from(input: LabelsInput): Labels {
    const examination = Labels.check(input);
    if (!examination.ok) throw new ValidationError('labels', examination.problems);
    return examination.value;
  }

  /** Like {@link Labels.from}, but returns the problems instead of throwing. */
  static check(input: unknown): Examination<Labels> {
    if (input instanceof Labels) return { ok: true, value: input };
    const entries = entriesOf(input);
    if (entries === null)
      return {
        ok: false,
        problems: [
          {
            path: '',
            reason: `must be an object, a Map or an array of [name, value] entries, got ${shown(input)}`,
          },
        ],
      };
    const values = new Map<string, string>();
    const problems: ValidationProblem[] = [];
    for (const [name, value] of entries) {
      const reason = objection(name, value, values);
      if (reason === undefined) values.set(name as string, value as string);
      else problems.push({ path: typeof name === 'string' ? name : shown(name), reason });
    }
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, value: values.size === 0 ? Labels.empty : new Labels(values) };
  }

  /** The number of labels. */
  get size(): number {
    return #values in this ? this.#values.size : 0;
  }

  /** The names, in the given order. */
  get names(): readonly string[] {
    return #values in this ? [...this.#values.keys()] : [];
  }

  /** The value of a label, or undefined if it does not exist. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Whether a label with that name exists. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The labels as `[name, value]` pairs. */
  entries(): IterableIterator<[name: string, value: string]> {
    return this.#values.entries();
  }

  /** The labels as `[name, value]` pairs. */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  /**
   * Merges two sets of labels; for a name in both, the other value takes precedence.
   *
   * @throws {@link ValidationError} under the same conditions as {@link Labels.from}
   */
  merge(other: LabelsInput): Labels {
    const added = Labels.from(other);
    if (added.size === 0) return this;
    return this.size === 0 ? added : new Labels(new Map([...this.#values, ...added.#values]));
  }

  /** A copy without the given names; unknown names are ignored. */
  without(...names: readonly string[]): Labels {
    const left = [...this.#values].filter(([name]) => !names.includes(name));
    if (left.length === this.size) return this;
    return left.length === 0 ? Labels.empty : new Labels(new Map(left));
  }

  /** Whether both have the same names and values, in any order. */
  equals(other: LabelsInput): boolean {
    const examination = Labels.check(other);
    if (!examination.ok || examination.value.size !== this.size) return false;
    return [...this.#values].every(([name, value]) => examination.value.get(name) === value);
  }

  /** The labels as a plain record. */
  toJSON(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }

  /** @internal */
  [inspect.custom](): string {
    return #values in this ? `Labels ${inspect(this.toJSON())}` : 'Labels {}';
  }
}

function objection(
  name: unknown,
  value: unknown,
  taken: ReadonlyMap<string, string>,
): string | undefined {
  if (typeof name !== 'string') return 'a label name must be a string';
  if (name.trim() === '') return `a label name must not be empty, got ${shown(name)}`;
  if (isReservedName(name)) return 'is a reserved name, which cannot be a label name';
  if (name.includes('=')) return 'a label name must not contain "="';
  if (taken.has(name)) return 'is given twice';
  if (typeof value !== 'string') return `must be a string, got ${shown(value, name)}`;
  if (value === '') return 'must not be empty: omit the label instead';
  if (unpaired.test(name) || unpaired.test(value))
    return 'must not contain an unpaired surrogate, which UTF-8 cannot encode';
  const bytes = Buffer.byteLength(`${name}=${value}`);
  if (bytes > storedBytesLimit)
    return `has ${bytes} bytes as name=value; the limit of codex-rs is ${storedBytesLimit}`;
  return undefined;
}
