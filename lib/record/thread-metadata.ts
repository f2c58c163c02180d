import { ValidationError, type ValidationProblem } from '../errors.js';
import type { Thread as WireThread } from '../protocol/index.js';
import { canonicalId } from '../ids.js';
import { isPlainObject } from '../shapes.js';
import { shown } from '../validation.js';

/**
 * The data of codex-rs about a thread, as returned by `thread/read`, `thread/list` and the Python client. Frozen.
 *
 * Keys without a getter in this version are kept: {@link ThreadMetadata.toJSON} returns exactly the input.
 *
 * @example
 * ```ts
 * const metadata = await thread.read({ includeTurns: true });
 * console.log(metadata.preview, metadata.turns.length); // Write the migration 1
 * console.log(metadata.isArchived, metadata.createdAt instanceof Date); // false true
 *
 * const kept = JSON.stringify(metadata);
 * console.log(ThreadMetadata.fromJSON(JSON.parse(kept)).threadId === thread.threadId); // true
 * ```
 */
export class ThreadMetadata {
  readonly #json: WireThread;

  private constructor(json: WireThread) {
    this.#json = json;
  }

  /**
   * Wraps a thread's JSON. Unknown keys are kept; nullable keys may be absent.
   *
   * @throws {@link ValidationError} with all keys that are missing or have the wrong type
   */
  static fromJSON(json: unknown): ThreadMetadata {
    const problems = problemsIn(json);
    if (problems.length > 0) throw new ValidationError('thread metadata', problems);
    const metadata = new ThreadMetadata(deeplyFrozen(structuredClone(json)) as WireThread);
    Object.freeze(metadata);
    return metadata;
  }

  /** The thread's id. */
  get threadId(): string {
    return canonicalId(this.#json.id);
  }

  /** The id of the session of the thread; its own id unless it was forked. */
  get sessionId(): string {
    return canonicalId(this.#json.sessionId);
  }

  /** The thread from which this one was forked, or null. */
  get forkedFromId(): string | null {
    return this.#optionalId('forkedFromId');
  }

  /** The parent thread if this is a subagent, or null. */
  get parentThreadId(): string | null {
    return this.#optionalId('parentThreadId');
  }

  /** Its name, or null. */
  get name(): string | null {
    return this.#optional('name');
  }

  /** The beginning of the first user message; empty before the first turn. */
  get preview(): string {
    return this.#json.preview;
  }

  /** The model of its last turn, or null. */
  get model(): string | null {
    return this.#optional('model');
  }

  /** The id of its model provider. */
  get modelProvider(): string {
    return this.#json.modelProvider;
  }

  /** The reasoning effort of its model, or null for the default of codex-rs. */
  get modelReasoningEffort(): string | null {
    return this.#optional('reasoningEffort');
  }

  /** Its working directory. */
  get workingDirectory(): string {
    return this.#json.cwd;
  }

  /**
   * The environments of its commands, the default one first, or null unless this codex-rs has the thread loaded. `local` is the
   * machine of codex-rs.
   */
  get environments(): Readonly<NonNullable<WireThread['environments']>> | null {
    return this.#optional('environments');
  }

  /** Whether it exists only in memory. */
  get isEphemeral(): boolean {
    return this.#json.ephemeral;
  }

  /** Whether it is archived. codex-rs indicates this only by the location of the rollout file. */
  get isArchived(): boolean {
    return /[\\/]archived_sessions[\\/]/.test(this.path ?? '');
  }

  /** The storage mode of its history, or null if unknown: only `paginated` history can be reverted. */
  get historyMode(): WireThread['historyMode'] | null {
    return this.#optional('historyMode');
  }

  /** The path of its rollout file, or null for a thread in memory. */
  get path(): string | null {
    return this.#optional('path');
  }

  /** Its state in the process that returned this data: whether it is loaded, and what it is doing. */
  get status(): WireThread['status']['type'] {
    return this.#json.status.type;
  }

  /** The version of codex-rs that created it. */
  get codexVersion(): string {
    return this.#json.cliVersion;
  }

  /** The program that created it, or null. */
  get originator(): string | null {
    return this.#optional('originator');
  }

  /** The kind of program that created it; `vscode` for every thread of an app-server. */
  get source(): WireThread['source'] {
    return this.#json.source;
  }

  /** The origin set by its creator, or null. */
  get threadSource(): string | null {
    return this.#optional('threadSource');
  }

  /** The state of its repository when it was created, or null. */
  get gitInfo(): Readonly<NonNullable<WireThread['gitInfo']>> | null {
    return this.#optional('gitInfo');
  }

  /** Its turns, oldest first; empty unless requested. */
  get turns(): Readonly<WireThread['turns']> {
    return this.#json.turns;
  }

  /** When it was created. */
  get createdAt(): Date {
    return new Date(this.#json.createdAt * 1000);
  }

  /** When it last changed. */
  get updatedAt(): Date {
    return new Date(this.#json.updatedAt * 1000);
  }

  /** The time by which lists sort it, or null. */
  get recencyAt(): Date | null {
    const seconds = this.#optional('recencyAt');
    return seconds === null ? null : new Date(seconds * 1000);
  }

  /** The original JSON, key for key. */
  toJSON(): WireThread {
    return structuredClone(this.#json);
  }

  #optionalId(key: 'forkedFromId' | 'parentThreadId'): string | null {
    const id = this.#optional(key);
    return id === null ? null : canonicalId(id);
  }

  /** The Python client omits unknown values: absent means null. */
  #optional<K extends keyof WireThread>(key: K): WireThread[K] | null {
    return (this.#json as Partial<WireThread>)[key] ?? null;
  }
}

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'list' | 'string or object';

const needed: Readonly<Partial<Record<keyof WireThread, Kind>>> = {
  id: 'string',
  sessionId: 'string',
  preview: 'string',
  ephemeral: 'boolean',
  modelProvider: 'string',
  createdAt: 'number',
  updatedAt: 'number',
  status: 'object',
  cwd: 'string',
  cliVersion: 'string',
  source: 'string or object',
  turns: 'list',
};

const nullable: Readonly<Partial<Record<keyof WireThread, Kind>>> = {
  forkedFromId: 'string',
  parentThreadId: 'string',
  model: 'string',
  reasoningEffort: 'string',
  recencyAt: 'number',
  historyMode: 'string',
  path: 'string',
  originator: 'string',
  threadSource: 'string',
  gitInfo: 'object',
  environments: 'list',
  name: 'string',
};

function problemsIn(json: unknown): ValidationProblem[] {
  if (!isPlainObject(json))
    return [{ path: '', reason: `must be a JSON object, got ${shown(json)}` }];
  const expected = [
    ...Object.entries(needed),
    ...Object.entries(nullable).filter(([key]) => (json[key] ?? null) !== null),
  ];
  const problems = expected.flatMap(([path, kind]) => {
    const value = json[path];
    if (isOf(kind, value)) return [];
    const isMissing = value === undefined;
    return [{ path, reason: isMissing ? 'is missing' : `must be a ${kind}, got ${shown(value)}` }];
  });
  const { status } = json;
  return isPlainObject(status) && typeof status.type !== 'string'
    ? [...problems, { path: 'status.type', reason: `must be a string, got ${shown(status.type)}` }]
    : problems;
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return isPlainObject(value);
    case 'list':
      return Array.isArray(value);
    case 'string or object':
      return typeof value === 'string' || isPlainObject(value);
    case 'string':
    case 'boolean':
      return typeof value === kind;
  }
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) deeplyFrozen(member);
  return Object.freeze(value);
}
