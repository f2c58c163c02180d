import { inspect } from 'node:util';
import { ValidationError, type ValidationProblem } from '../errors.js';
import { entriesOf, isReservedName, shown, type Examination } from '../validation.js';

/** How many UTF-8 bytes one label may take in its stored form `name=value`: the limit of codex-rs. */
const storedBytesLimit = 256;

/** Half of a surrogate pair has no UTF-8 form, so that codex-rs would give back something else. */
const unpaired = /\p{Surrogate}/u;

/** What {@link Labels.from} accepts: a plain object, a `Map`, `[name, value]` entries, or labels. */
export type LabelsInput =
  Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/**
 * The names and values a thread is filed under: an immutable record of strings, in the order they were given.
 *
 * codex-rs keeps them with the thread, each as `name=value`, so that they survive the process and can be searched for.
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
  /** No labels at all. */
  static readonly empty: Labels = new Labels(new Map());

  readonly #values: ReadonlyMap<string, string>;

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
    Object.freeze(this);
  }

  /**
   * Labels with the given names and values.
   *
   * @throws {@link ValidationError} for an empty or reserved name, a name with `=`, a value that is no string or is empty, a
   * name given twice, and a label whose stored form exceeds 256 bytes of UTF-8.
   */
  static from(input: LabelsInput): Labels {
    const examination = Labels.check(input);
    if (!examination.ok) throw new ValidationError('labels', examination.problems);
    return examination.value;
  }

  /** What {@link Labels.from} would do, with the problems as a result instead of an error. */
  static check(input: unknown): Examination<Labels> {
    if (input instanceof Labels) return { ok: true, value: input };
    const entries = entriesOf(input);
    if (entries === null)
      return {
        ok: false,
        problems: [
          {
            path: '',
            reason: `must be an object, a Map or [name, value] entries, got ${shown(input)}`,
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

  /** How many labels there are. */
  get size(): number {
    return #values in this ? this.#values.size : 0;
  }

  /** The names, in the order they were given. */
  get names(): readonly string[] {
    return #values in this ? [...this.#values.keys()] : [];
  }

  /** The value of a label, or undefined when there is none of that name. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Whether there is a label of that name. */
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
   * These labels and the others; where both have a name, the other value wins.
   *
   * @throws {@link ValidationError} as {@link Labels.from} does.
   */
  merge(other: LabelsInput): Labels {
    const added = Labels.from(other);
    if (added.size === 0) return this;
    return this.size === 0 ? added : new Labels(new Map([...this.#values, ...added.#values]));
  }

  /** These labels except the named ones; names that are not there are ignored. */
  without(...names: readonly string[]): Labels {
    const left = [...this.#values].filter(([name]) => !names.includes(name));
    if (left.length === this.size) return this;
    return left.length === 0 ? Labels.empty : new Labels(new Map(left));
  }

  /** Whether both have the same names with the same values, in any order. */
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
  if (isReservedName(name)) return 'is a reserved name and cannot be a label name';
  if (name.includes('=')) return 'a label name must not contain "="';
  if (taken.has(name)) return 'is given twice';
  if (typeof value !== 'string') return `must be a string, got ${shown(value, name)}`;
  if (value === '') return 'must not be empty: leave the label out instead';
  if (unpaired.test(name) || unpaired.test(value))
    return 'must not contain half of a surrogate pair: it has no UTF-8 form';
  const bytes = Buffer.byteLength(`${name}=${value}`);
  if (bytes > storedBytesLimit)
    return `takes ${bytes} bytes as name=value; codex-rs stores up to ${storedBytesLimit}`;
  return undefined;
}
