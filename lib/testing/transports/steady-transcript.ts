import type { TranscriptMessage } from './transcript.js';

// 2023-11-14T22:13:20Z, regardless of the clock. A limit resets in a distant future.
const seconds = 1_700_000_000;
const resetSeconds = 4_000_000_000;
const durationMs = 100;
const estimatedTokens = 8000;

// Notifications that depend on the recording machine: on its name and on what is installed.
const ofHost: readonly unknown[] = ['configWarning', 'remoteControl/status/changed'];

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const providerId = /\b(msg|rs|resp|call|fc|ctc|ig|ws|exec)_[A-Za-z0-9]{20,}\b/g;
const rollout = /sessions\/\d{4}\/\d\d\/\d\d\/rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-/g;
const isoTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const userAgent = /^(\S+\/\S+) \([^)]*\) \S+ (\(.*\))$/;
const loopback = /\b(127\.0\.0\.1|localhost):\d+/g;

/**
 * Removes from a recording everything that differs between runs, machines or users, and nothing else. One instance
 * serves all processes of a recording, so that each id has one placeholder.
 *
 * @internal
 */
export class SteadyTranscript {
  readonly #ids = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #directories: readonly (readonly [real: RegExp, name: string])[];

  /** @param directories - the real directories and their replacements */
  constructor(directories: ReadonlyMap<string, string>) {
    this.#directories = [...directories]
      .sort(([one], [other]) => other.length - one.length)
      .map(([real, name]) => [directoryPattern(real), name]);
  }

  /** The messages of one process in their stored form. */
  messages(messages: readonly TranscriptMessage[]): TranscriptMessage[] {
    return inOrder(messages.filter(({ server }) => !ofHost.includes(server?.method))).map(
      (message) => this.#value(message, '') as TranscriptMessage,
    );
  }

  #value(value: unknown, key: string): unknown {
    if (typeof value === 'string')
      return key === 'processId'
        ? this.#named(`process ${value}`, 'process', (nth) => String(10_000 + nth))
        : this.#text(value);
    if (typeof value === 'number') return steadyNumber(value, key);
    if (Array.isArray(value)) return value.map((entry) => this.#value(entry, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(steadyEstimate(value)).map(([name, entry]) => [
        this.#text(name),
        this.#value(entry, name),
      ]),
    );
  }

  #text(text: string): string {
    let steady = text;
    for (const [real, name] of this.#directories) steady = steady.replace(real, name);
    return steady
      .replace(loopback, '$1:4000')
      .replace(userAgent, '$1 (Linux 0.0.0; x86_64) terminal $2')
      .replace(rollout, 'sessions/2023/11/14/rollout-2023-11-14T22-13-20-')
      .replace(isoTime, '2023-11-14T22:13:20Z')
      .replace(providerId, (id, kind: string) => this.#named(id, kind, (nth) => `${kind}_${nth}`))
      .replace(uuid, (id) =>
        this.#named(
          id,
          'uuid',
          (nth) => `00000000-0000-${id.charAt(14)}000-8000-${String(nth).padStart(12, '0')}`,
        ),
      );
  }

  #named(id: string, kind: string, name: (nth: number) => string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    const given = name(nth);
    this.#ids.set(id, given);
    return given;
  }
}

/** Matches a directory in texts, but not another one with a longer name. @internal */
export function directoryPattern(directory: string): RegExp {
  return new RegExp(`${escaped(directory)}(?![\\w.-]*\\w)`, 'g');
}

/** Escapes a text for a regular expression. @internal */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function steadyNumber(value: number, key: string): number {
  if (key === 'resetsAt') return resetSeconds;
  if (key.endsWith('AtMs')) return seconds * 1000;
  if (/(At|_at)$/.test(key)) return seconds;
  return key === 'durationMs' || key === 'duration_ms' ? durationMs : value;
}

/** After a compaction, codex-rs estimates the tokens of the context, which contains paths of the machine. */
function steadyEstimate(value: object): object {
  const { totalTokens = 0, inputTokens, outputTokens } = value as Record<string, number>;
  const isEstimate = totalTokens > 0 && inputTokens === 0 && outputTokens === 0;
  return isEstimate ? { ...value, totalTokens: estimatedTokens } : value;
}

/**
 * Between two messages of the client, replies come first, in the order of their requests: they come from separate
 * tasks, and their order differs between runs.
 */
function inOrder(messages: readonly TranscriptMessage[]): TranscriptMessage[] {
  let stretch = 0;
  const ranked = messages.map((message) => {
    const { client, server } = message;
    if (client !== undefined) stretch += 1;
    const id = typeof server?.id === 'number' ? server.id : 0;
    const rank = server?.method === undefined ? id : Number.MAX_SAFE_INTEGER;
    return { message, stretch, rank: client === undefined ? rank : -1 };
  });
  ranked.sort((one, other) => one.stretch - other.stretch || one.rank - other.rank);
  return ranked.map(({ message }) => message);
}
