import { isPlainObject } from '../../shapes.js';
import type { ReplayDifference } from './replay-mismatch-error.js';
import { directoryPattern, escaped } from './steady-transcript.js';
import type { Transcript } from './transcript.js';

/** Where two values differ. @internal */
export type ValueDifference = Pick<ReplayDifference, 'path' | 'expected' | 'got'>;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const mask = '[redacted]';

/**
 * What the stand-ins of a transcript are in a replay. A directory, or an id that the client made up, is what the client says in
 * the place where the recording has the stand-in; ids of codex-rs stay what the transcript calls them.
 *
 * @internal
 */
export class ReplayBindings {
  readonly #bound = new Map<string, string>();
  readonly #ids: ReadonlySet<string>;
  readonly #directories: readonly string[];

  constructor(transcript: Transcript) {
    this.#ids = idsOfClient(transcript);
    this.#directories = [...transcript.directories].sort((one, other) => other.length - one.length);
  }

  /** Compares what came with what was recorded; when they are the same, stand-ins in it are known from then on. */
  match(recorded: object, got: object): readonly ValueDifference[] {
    const found = new Map<string, string>();
    const differences = [...this.#compare(recorded, got, '', found)];
    if (differences.length === 0) for (const [name, value] of found) this.#bound.set(name, value);
    return differences;
  }

  /** A line of the transcript as the client is to hear it. */
  apply(line: string): string {
    let text = line;
    for (const [name, value] of this.#bound) {
      if (name === value || !text.includes(name)) continue;
      const inJson = JSON.stringify(value).slice(1, -1);
      text = text.replace(this.#patternOf(name), () => inJson);
    }
    return text;
  }

  *#compare(
    recorded: unknown,
    got: unknown,
    path: string,
    found: Map<string, string>,
  ): Generator<ValueDifference> {
    if (typeof recorded === 'string' && typeof got === 'string') {
      if (!this.#isSame(recorded, got, found)) yield { path, expected: recorded, got };
    } else if (Array.isArray(recorded) && Array.isArray(got)) {
      for (let at = 0; at < Math.max(recorded.length, got.length); at += 1)
        yield* this.#compare(recorded[at], got[at], `${path}[${at}]`, found);
    } else if (isPlainObject(recorded) && isPlainObject(got)) {
      for (const key of new Set([...Object.keys(recorded), ...Object.keys(got)]))
        yield* this.#compare(recorded[key], got[key], path === '' ? key : `${path}.${key}`, found);
    } else if (recorded !== got) yield { path, expected: recorded, got };
  }

  #isSame(recorded: string, got: string, found: Map<string, string>): boolean {
    if (recorded === got) return true;
    const names: string[] = [];
    const known = (name: string): string | undefined => found.get(name) ?? this.#bound.get(name);
    const pattern = this.#piecesOf(recorded)
      .map(({ text, form }) => {
        if (form === null) return escaped(text);
        const value = text === mask ? undefined : known(text);
        if (value !== undefined) return escaped(value);
        names.push(text);
        return `(${form})`;
      })
      .join('');
    const values = new RegExp(`^${pattern}$`, 's').exec(got)?.slice(1);
    if (values === undefined) return false;
    for (const [index, name] of names.entries())
      if (name !== mask) found.set(name, values[index] ?? '');
    return true;
  }

  /** The text, cut where stand-ins are in it; each comes with the form of what it may stand for. */
  #piecesOf(text: string): { readonly text: string; readonly form: string | null }[] {
    const names = [mask, ...this.#directories].filter((name) => text.includes(name));
    const ids = text.match(uuid)?.filter((id) => this.#ids.has(id)) ?? [];
    const patterns = [...names, ...ids].map((name) => this.#patternOf(name).source);
    if (patterns.length === 0) return [{ text, form: null }];
    return text
      .split(new RegExp(`(${patterns.join('|')})`))
      .filter((piece) => piece !== '')
      .map((piece) => ({ text: piece, form: this.#formOf(piece) }));
  }

  #formOf(piece: string): string | null {
    if (piece === mask) return '.*';
    if (this.#directories.includes(piece)) return String.raw`(?:\/|[A-Za-z]:).*?`;
    return this.#ids.has(piece) ? uuid.source : null;
  }

  #patternOf(name: string): RegExp {
    return this.#directories.includes(name)
      ? directoryPattern(name)
      : new RegExp(escaped(name), 'g');
  }
}

/** The ids that come up first in what the client says. */
function idsOfClient({ processes }: Transcript): ReadonlySet<string> {
  const seen = new Set<string>();
  const ofClient = new Set<string>();
  for (const { client, server } of processes.flatMap(({ messages }) => messages))
    for (const id of JSON.stringify(client ?? server).match(uuid) ?? []) {
      if (client !== undefined && !seen.has(id)) ofClient.add(id);
      seen.add(id);
    }
  return ofClient;
}
