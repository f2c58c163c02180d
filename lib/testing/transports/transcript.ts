import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ValidationError, type ValidationProblem } from '../../errors.js';
import type { JsonValue } from '../../protocol/index.js';
import { isPlainObject } from '../../shapes.js';
import { frozen, shown } from '../../validation.js';

/** A {@link Transcript} as JSON. */
export interface TranscriptJson {
  /** The version of the format. */
  readonly version: 1;
  /** The versions used for the recording; informational, never compared. */
  readonly recordedWith: {
    /** The version of this package. */
    readonly codexThreads: string;
    /** The version of codex-rs, or null if unknown. */
    readonly codexRs: string | null;
  };
  /** The directories of the recording that are replaced by a name, such as `/project`. */
  readonly directories: readonly string[];
  /** The codex-rs processes, in the order of their start. */
  readonly processes: readonly TranscriptProcess[];
}

/** One codex-rs process in a {@link Transcript}. */
export interface TranscriptProcess {
  /** The messages on its standard input and output, in order. */
  readonly messages: readonly TranscriptMessage[];
  /** How it exited on its own; null if the client ended it. */
  readonly end: {
    /** The code of the `TransportError`. */
    readonly code: string;
    /** The exit code, or null. */
    readonly exitCode: number | null;
    /** The signal, or null. */
    readonly signal: string | null;
  } | null;
}

/** One message in a {@link Transcript}: has exactly one of the two. */
export interface TranscriptMessage {
  /** A message of the client. */
  readonly client?: Readonly<Record<string, JsonValue>>;
  /** A message of codex-rs. */
  readonly server?: Readonly<Record<string, JsonValue>>;
}

/**
 * The messages between a client and codex-rs, to be kept in a repository and replayed by a `ReplayTransport`. Frozen.
 *
 * It contains no secrets, and hardly anything that differs between recordings of the same run: ids are numbered in
 * order of appearance, and times, durations, ports and directories of the machine are replaced by fixed values.
 *
 * @example
 * ```ts
 * const recording = new RecordingTransport();
 * const codex = new Codex({ transport: recording, apiKey: process.env.OPENAI_API_KEY });
 * await codex.startThread().run('Why is the build red?');
 * await codex.close();
 * await recording.transcript.save(file);
 *
 * const transcript = await Transcript.load(file);
 * console.log(transcript.version, transcript.processes.length); // 1 1
 * console.log(transcript.requests('turn/start').length); // 1
 * ```
 */
export class Transcript {
  /** The version of the format. */
  readonly version: TranscriptJson['version'];
  /** The versions of this package and of codex-rs that recorded it. */
  readonly recordedWith: TranscriptJson['recordedWith'];
  /** The codex-rs processes, in the order of their start. */
  readonly processes: readonly TranscriptProcess[];
  /** The directories of the recording that are replaced by a name. @internal */
  readonly directories: readonly string[];

  private constructor({ version, recordedWith, processes, directories }: TranscriptJson) {
    this.version = version;
    this.recordedWith = recordedWith;
    this.processes = processes;
    this.directories = directories;
    Object.freeze(this);
  }

  /**
   * Reads the output of {@link Transcript.toJSON}.
   *
   * @throws ValidationError for another version, and with all missing or mistyped values
   */
  static fromJSON(json: unknown): Transcript {
    const problems = problemsIn(json);
    if (problems.length > 0) throw new ValidationError('transcript', problems);
    return new Transcript(frozen(structuredClone(json as TranscriptJson)));
  }

  /**
   * Reads a file written by {@link Transcript.save}.
   *
   * @throws ValidationError if it is not a transcript; the error of the file system if it cannot be read
   */
  static async load(file: string): Promise<Transcript> {
    const text = await readFile(file, 'utf8');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      const reason = `is not JSON: ${String(cause)}`;
      throw new ValidationError('transcript', [{ path: file, reason }], cause);
    }
    return Transcript.fromJSON(json);
  }

  /** The params of all client requests with this method, over all processes. */
  requests(method: string): readonly unknown[] {
    return this.processes
      .flatMap(({ messages }) => messages)
      .flatMap(({ client }) => (client?.method === method ? [client.params] : []));
  }

  /** Writes it to a file, with one line per message, so that changes are easy to review; creates missing folders. */
  async save(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}.tmp`;
    await writeFile(unfinished, linesOf(this.toJSON()));
    await rename(unfinished, file);
  }

  /** The transcript as plain JSON. */
  toJSON(): TranscriptJson {
    const { version, recordedWith, directories, processes } = this;
    return structuredClone({ version, recordedWith, directories, processes });
  }
}

function linesOf({ processes, ...rest }: TranscriptJson): string {
  const head = Object.entries(rest).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`,
  );
  const runs = processes.map(({ messages, end }) => {
    const lines = messages.map((message) => `        ${JSON.stringify(message)}`).join(',\n');
    return `    {\n      "messages": [\n${lines}\n      ],\n      "end": ${JSON.stringify(end)}\n    }`;
  });
  return `{\n${head.join('')}  "processes": [\n${runs.join(',\n')}\n  ]\n}\n`;
}

type Check = (value: unknown, path: string) => ValidationProblem[];

const isObject = must(isPlainObject, 'an object');

const check = fields({
  recordedWith: isObject,
  directories: must(
    (list) => Array.isArray(list) && list.every((name) => typeof name === 'string'),
    'an array of strings',
  ),
  processes: each(
    fields({
      messages: each(must(isMessage, 'an object with either client or server')),
      end: must((end) => end === null || isPlainObject(end), 'an object or null'),
    }),
  ),
});

function problemsIn(json: unknown): ValidationProblem[] {
  if (!isPlainObject(json) || json.version === 1) return check(json, '');
  const reason = `must be 1, the only version this package supports, got ${shown(json.version)}: record it again`;
  return [{ path: 'version', reason }];
}

function must(holds: (value: unknown) => boolean, wanted: string): Check {
  return (value, path) =>
    holds(value) ? [] : [{ path, reason: `must be ${wanted}, got ${shown(value)}` }];
}

function fields(checks: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isPlainObject(value)) return isObject(value, path);
    return Object.entries(checks).flatMap(([name, check]) =>
      check(value[name], path === '' ? name : `${path}.${name}`),
    );
  };
}

function each(check: Check): Check {
  return (list, path) =>
    Array.isArray(list)
      ? list.flatMap((entry, index) => check(entry, `${path}[${index}]`))
      : must(Array.isArray, 'an array')(list, path);
}

function isMessage(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const [[side, message] = ['', null], ...more] = Object.entries(value);
  return ['client', 'server'].includes(side) && isPlainObject(message) && more.length === 0;
}
