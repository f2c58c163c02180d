import type { Thread as WireThread } from '../protocol/index.js';

/** What codex-rs knows of a thread, as `thread/read` and `thread/list` give it. Frozen. */
export class ThreadMetadata {
  readonly #json: WireThread;

  private constructor(json: WireThread) {
    this.#json = json;
  }

  /** Wraps the wire's own thread object; {@link ThreadMetadata.toJSON} gives it back exactly. */
  static fromJson(json: WireThread): ThreadMetadata {
    const metadata = new ThreadMetadata(structuredClone(json));
    Object.freeze(metadata);
    return metadata;
  }

  /** The thread's id. */
  get threadId(): string {
    return this.#json.id;
  }

  /** The id of the session the thread belongs to; its own id unless it was forked. */
  get sessionId(): string {
    return this.#json.sessionId;
  }

  /** The thread this one was forked from, or null. */
  get forkedFromId(): string | null {
    return this.#json.forkedFromId;
  }

  /** The name it was given, or null. */
  get name(): string | null {
    return this.#json.name;
  }

  /** The beginning of the first user message. */
  get preview(): string {
    return this.#json.preview;
  }

  /** The model of its last turn, or null. */
  get model(): string | null {
    return this.#json.model;
  }

  /** The id of its model provider. */
  get modelProvider(): string {
    return this.#json.modelProvider;
  }

  /** Its working directory. */
  get workingDirectory(): string {
    return this.#json.cwd;
  }

  /** Whether it lives in memory only. */
  get isEphemeral(): boolean {
    return this.#json.ephemeral;
  }

  /** Whether it lies in the archive. codex-rs says so by the place of the rollout file only. */
  get isArchived(): boolean {
    return /[\\/]archived_sessions[\\/]/.test(this.#json.path ?? '');
  }

  /** When it was created. */
  get createdAt(): Date {
    return new Date(this.#json.createdAt * 1000);
  }

  /** When it last changed. */
  get updatedAt(): Date {
    return new Date(this.#json.updatedAt * 1000);
  }

  /** The wire's own object. */
  toJSON(): WireThread {
    return structuredClone(this.#json);
  }
}
