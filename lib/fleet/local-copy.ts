import type { Codex } from '../codex.js';
import { RequestError } from '../errors.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import type { RecordedTurn } from '../record/recorded-history.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import type { ResumeProof, ThreadBuilder } from '../thread/thread-builder.js';
import type { Thread } from '../thread/thread.js';

/** Properties of a {@link LocalCopy}. */
export interface LocalCopyProps {
  readonly codex: Codex;
  readonly builder: ThreadBuilder;
  readonly threadId: string;
  /** The recorded last turn of the thread, or null if it has no turns. */
  readonly turnId: string | null;
  /** The token that proves this end, or null. */
  readonly continuation: string | null;
  readonly idempotencyKey: string;
  /** The kind of home: own or shared. */
  readonly home: 'own' | 'shared';
}

/** The end of the local thread compared with the recorded one. */
export type LocalTail =
  'as-recorded' | 'with-our-turn' | 'with-our-turn-cut-off' | 'with-a-cut-off-turn' | 'otherwise';

/** A thread in this home. */
export class LocalCopy {
  readonly #props: LocalCopyProps;

  constructor(props: LocalCopyProps) {
    this.#props = props;
  }

  /**
   * Whether it may have the required end, according to the list of codex-rs without loading it: in an own home, that list
   * is up to date.
   */
  async isPromising(): Promise<boolean> {
    const { codex, threadId, turnId } = this.#props;
    try {
      const { data } = await codex.request('thread/turns/list', {
        threadId,
        limit: 2,
        itemsView: 'notLoaded',
      });
      return turnId === null ? data.length < 2 : data.some(({ id }) => id === turnId);
    } catch (error) {
      // It does not list turns of a thread that is unknown or never ran.
      if (RequestError.is(error)) return turnId === null;
      throw error;
    }
  }

  /**
   * Loads the thread; returns null if it ends neither as recorded nor with the requested turn after that.
   *
   * @throws `ThreadBusyError` if another process has it loaded; `ResumeRejectedError` if codex-rs is unavailable
   */
  async loaded(): Promise<{ readonly thread: Thread; readonly tail: LocalTail } | null> {
    const { continuation, idempotencyKey } = this.#props;
    const proof = continuation === null ? {} : { continuation, idempotencyKey };
    const proven = await this.#resumed(proof);
    // A turn cut off before its input was written is recognised once the thread is loaded.
    const thread = proven ?? (this.#props.home === 'shared' ? await this.#resumed({}) : null);
    return thread === null ? null : { thread, tail: await this.#tailOf(thread) };
  }

  /** Unloads the thread, if it is loaded here. */
  async release(): Promise<void> {
    const { codex, threadId } = this.#props;
    const loaded = await codex.loadedThreads();
    if (loaded.includes(threadId)) await codex.thread().existing(threadId).release();
  }

  /** Null if the thread is not here, or has another end. */
  async #resumed(proof: ResumeProof): Promise<Thread | null> {
    const { builder, threadId } = this.#props;
    try {
      const thread = await builder.resume(threadId, proof);
      await thread.open();
      return thread;
    } catch (error) {
      if (!ResumeRejectedError.is(error)) throw error;
      if (error.reason === 'busy') throw busy(threadId, error);
      if (error.retryable || !isOfTheThread(error)) throw error;
      return null;
    }
  }

  async #tailOf(thread: Thread): Promise<LocalTail> {
    const newer = await this.#newer(thread);
    if (newer === null) return 'otherwise';
    const [newest, ...others] = newer;
    if (newest === undefined) return 'as-recorded';
    const ours = await thread.findTurn(this.#props.idempotencyKey);
    const isOurs = ({ id, items }: RecordedTurn): boolean =>
      id === ours?.id || !items.some(({ type }) => type === 'userMessage');
    const { status } = newest;
    const hasRun = status === 'completed' || status === 'inProgress';
    if (hasRun && others.length === 0 && newest.id === ours?.id) return 'with-our-turn';
    if (newer.some((turn) => turn.status === 'completed')) return 'otherwise';
    // Its input may be missing in the file.
    return newer.some(isOurs) ? 'with-our-turn-cut-off' : 'with-a-cut-off-turn';
  }

  /** The turns after the last recorded one, newest first; null if the recorded one is not among the latest turns. */
  async #newer(thread: Thread): Promise<readonly RecordedTurn[] | null> {
    const newer: RecordedTurn[] = [];
    for await (const turn of thread.turns({ order: 'newestFirst', itemsView: 'summary' })) {
      if (turn.id === this.#props.turnId) return newer;
      newer.push(turn);
      if (newer.length > mostNewer) return null;
    }
    return this.#props.turnId === null ? newer : null;
  }
}

/** The maximum number of consecutive cut-off turns. */
const mostNewer = 20;

/** Another process on the same home has the thread loaded. */
export function busy(threadId: string, cause: unknown): ThreadBusyError {
  return new ThreadBusyError(threadId, { holder: 'another-process', action: 'runTurn()', cause });
}

/** Whether the refusal concerns the local copy of the thread. */
function isOfTheThread({ reason }: ResumeRejectedError): boolean {
  return [
    'unknown-thread',
    'never-ran',
    'unreadable-history',
    'archived',
    'stale',
    'diverged',
  ].includes(reason);
}
