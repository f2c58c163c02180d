import { createHash } from 'node:crypto';
import type { Codex } from '../codex.js';
import { CodexError } from '../errors.js';
import { ContinuationToken } from '../record/continuation-token.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import type { ThreadBuilder } from '../thread/thread-builder.js';
import type { Thread } from '../thread/thread.js';
import { checkedKey } from '../turn/turn-key.js';
import type { TurnInput } from '../turn/turn-input.js';
import type { TurnResult } from '../turn/turn-result.js';
import { FencedError } from './fenced-error.js';
import type { KeptThreads } from './kept-threads.js';
import { busy, LocalCopy } from './local-copy.js';
import type { RunTurnOptions, TurnOutcome } from './turn-outcome.js';
import { ThreadBundle } from './thread-bundle.js';
import { ThreadConflictError } from './thread-conflict-error.js';
import type { StoredTurn } from './thread-record.js';
import type { NextThread, StoredThread, ThreadStore } from './thread-store.js';

/** Properties of a {@link TurnJob}. */
export interface TurnJobProps {
  readonly store: ThreadStore;
  readonly codex: Codex;
  readonly key: string;
  readonly input: TurnInput;
  readonly options: RunTurnOptions;
  /** The threads whose last turn was run here. */
  readonly kept: KeptThreads;
}

/** A thread to run the turn on, and the version in the store that it continues. */
interface Prepared {
  readonly thread: Thread;
  readonly version: string;
  /** Whether the turn was cut off on the thread that this one replaces. */
  readonly isRetaken?: boolean;
}

/** The number of turns in a record. Older turns are read from the thread itself. */
const mostTurns = 64;

/** One turn of a stored thread: fetches the thread if necessary, runs the turn, and records it. */
export class TurnJob {
  readonly #props: TurnJobProps;

  constructor(props: TurnJobProps) {
    this.#props = props;
  }

  async run(): Promise<TurnOutcome> {
    const { store, key, options } = this.#props;
    checkedKey(options.idempotencyKey);
    options.signal?.throwIfAborted();
    const stored = await store.load(key);
    const recorded = this.#recordedIn(stored);
    if (stored !== null && recorded !== null) {
      const { threadId, continuation } = stored.record;
      return outcomeOf('recorded', threadId, recorded, continuation ?? '', null);
    }
    const kept = stored === null ? null : this.#kept(stored);
    if (kept !== null)
      try {
        return await this.#finished(kept, stored);
      } catch (error) {
        // It is no longer loaded, and was changed meanwhile. The turn was not sent.
        if (!isRejected(error)) throw error;
      }
    const prepared =
      (stored === null ? null : await this.#found(stored)) ?? (await this.#begun(stored));
    return this.#finished(prepared, stored);
  }

  async #finished(prepared: Prepared, stored: StoredThread | null): Promise<TurnOutcome> {
    const { options } = this.#props;
    try {
      const result = await this.#performed(prepared.thread);
      return await this.#recorded(prepared, stored, result);
    } finally {
      if (options.home === 'shared') await this.#released(prepared.thread);
    }
  }

  /** The worker of the next turn needs its lock. */
  async #released(thread: Thread): Promise<void> {
    try {
      await thread.release();
    } catch (error) {
      // An exited codex-rs does not hold a lock; with an unresponsive one, the next worker finds the thread busy.
      if (!CodexError.is(error)) throw error;
    }
  }

  #recordedIn(stored: StoredThread | null): StoredTurn | null {
    const { idempotencyKey } = this.#props.options;
    return stored?.record.turns.find(({ key }) => key === idempotencyKey) ?? null;
  }

  /** A new thread, whose id is stored before it runs a turn. */
  async #begun(stored: StoredThread | null): Promise<Prepared> {
    const { store, key } = this.#props;
    const thread = this.#builder.build();
    const threadId = await thread.open();
    const record = { threadId, continuation: null, turns: [] };
    const version = await store.save(key, { record }, { ifVersion: stored?.version ?? null });
    return { thread, version };
  }

  /** The thread of the record, if its last turn was run here: only this worker can have changed it since. */
  #kept(stored: StoredThread): Prepared | null {
    const { store, key, options, kept } = this.#props;
    const thread = kept.take(key, stored, { store, builder: options.thread });
    if (thread === null || options.home === 'shared') return null;
    return { thread, version: stored.version };
  }

  /** The thread of the record; null if it has no turn yet and can be replaced by a new one. */
  async #found(stored: StoredThread): Promise<Prepared | null> {
    const { codex, options } = this.#props;
    const { threadId, continuation } = stored.record;
    const { home = 'own' } = options;
    const idempotencyKey = this.#turnKey;
    const secret = codex.options.continuationSecret;
    const turnId =
      continuation === null ? null : ContinuationToken.decode(continuation, secret).turnId;
    const at = { threadId, turnId, continuation, idempotencyKey };
    const props = { codex, builder: this.#builder, home, ...at };
    const copy = new LocalCopy(props);
    const local = home === 'own' && !(await copy.isPromising()) ? null : await copy.loaded();
    const { version } = stored;
    const fits: readonly unknown[] =
      home === 'own'
        ? ['as-recorded', 'with-our-turn', 'with-our-turn-cut-off']
        : ['as-recorded', 'with-our-turn', 'with-our-turn-cut-off', 'with-a-cut-off-turn'];
    const isCutOff = local?.tail === 'with-our-turn-cut-off';
    if (local !== null && isCutOff && home === 'shared' && options.onCutOff === 'retake')
      return this.#replaced(local.thread, stored, turnId);
    if (local !== null && fits.includes(local.tail)) return { thread: local.thread, version };
    await copy.release();
    if (home === 'own') {
      // Turns that ran here and were never recorded are discarded.
      return continuation === null ? null : { thread: await this.#fetched(stored), version };
    }
    if (local === null && continuation === null) return null;
    throw this.#diverged(
      stored,
      local === null
        ? 'it is missing, or its local history differs from the record'
        : 'it has turns that were never recorded. Check them, then save its record with the continuation token of codex.resumeThread()',
    );
  }

  /**
   * Creates a replacement, with all recorded turns, for a thread whose turn was cut off. In an own home a revert would be
   * enough; in a shared one, the index of every other worker still refers to the rollout file from before the revert.
   */
  async #replaced(cutOff: Thread, stored: StoredThread, turnId: string | null): Promise<Prepared> {
    const { store, key } = this.#props;
    const thread = turnId === null ? this.#builder.build() : await cutOff.fork({ at: turnId });
    if (turnId === null) await cutOff.delete();
    else await cutOff.release();
    const threadId = await thread.open();
    const continuation = turnId === null ? null : String(thread.continuation);
    const record = { ...stored.record, threadId, continuation };
    const version = await store.save(key, { record }, { ifVersion: stored.version });
    return { thread, version, isRetaken: true };
  }

  async #fetched(stored: StoredThread): Promise<Thread> {
    const { codex, options } = this.#props;
    const { threadId, continuation } = stored.record;
    if (stored.bundle === null)
      throw this.#diverged(
        stored,
        "the store has no bundle of it, and the local thread is missing or differs from the record. With a shared CODEX_HOME, pass home: 'shared'",
      );
    return ThreadBundle.import(codex, stored.bundle(), {
      thread: this.#builder,
      expected: { threadId, ...(continuation === null ? {} : { continuation }) },
      ...(options.onNewerCodex === undefined ? {} : { onNewerCodex: options.onNewerCodex }),
    });
  }

  async #performed(thread: Thread): Promise<TurnResult> {
    const { input, options } = this.#props;
    const { onEvent, signal, onCutOff, timeouts, approvals } = options;
    const { options: settings } = options;
    const turnOptions = {
      idempotencyKey: this.#turnKey,
      ...(signal === undefined ? {} : { signal }),
      ...(onCutOff === undefined ? {} : { onCutOff }),
      ...(timeouts === undefined ? {} : { timeouts }),
      ...(approvals === undefined ? {} : { approvals }),
      ...(settings === undefined ? {} : { options: settings }),
    };
    try {
      if (onEvent === undefined) return await thread.run(input, turnOptions);
      const turn = thread.runStreamed(input, turnOptions);
      for await (const event of turn) await onEvent(event);
      return await turn.result();
    } catch (error) {
      if (!ResumeRejectedError.is(error)) throw error;
      if (error.reason === 'busy') throw busy(String(thread.threadId), error);
      if (error.reason !== 'unknown-thread') throw error;
      const { key } = this.#props;
      throw new ThreadConflictError(
        `Another worker has replaced the thread of ${JSON.stringify(key)} in the meantime. Load it again.`,
        { key, threadId: thread.threadId, cause: error },
      );
    }
  }

  async #recorded(
    { thread, version, isRetaken = false }: Prepared,
    stored: StoredThread | null,
    result: TurnResult,
  ): Promise<TurnOutcome> {
    const { store, codex, key, options, kept } = this.#props;
    const { idempotencyKey, home = 'own', thread: builder } = options;
    const { threadId, turnId, finalResponse, usage, origin } = result;
    const turn = { key: idempotencyKey, turnId, finalResponse, usage };
    const turns = [...(stored?.record.turns ?? []).slice(1 - mostTurns), turn];
    const bundle = home === 'own' ? await ThreadBundle.export(codex, thread) : null;
    const continuation = bundle?.continuation ?? String(thread.continuation);
    const next: NextThread = {
      record: { threadId, continuation, turns },
      bundle: bundle?.stream() ?? null,
    };
    try {
      const saved = await store.save(key, next, { ifVersion: version });
      if (home === 'own') kept.keep(key, { thread, store, version: saved, builder });
    } catch (error) {
      if (!ThreadConflictError.is(error)) throw error;
      // The first saved state wins. It replaces the local copy at the next call.
      if (this.#recordedIn(await store.load(key)) === null) throw error;
      throw new FencedError({ key, threadId, idempotencyKey, cause: error });
    }
    const outcome = isRetaken ? 'retaken' : origin === 'attached' ? 'adopted' : origin;
    return outcomeOf(outcome, threadId, turn, continuation, result);
  }

  /** The key of the turn in the thread: two threads may have jobs of the same name. */
  get #turnKey(): string {
    const { key, options } = this.#props;
    const { idempotencyKey } = options;
    const digest = createHash('sha256')
      .update(JSON.stringify([key, idempotencyKey]))
      .digest('hex');
    // Truncation may leave half of a surrogate pair, which codex-rs does not accept.
    return `${idempotencyKey.slice(0, 100).replace(/[\ud800-\udbff]$/, '')}@${digest}`;
  }

  get #builder(): ThreadBuilder {
    const { codex, options } = this.#props;
    return options.thread ?? codex.thread();
  }

  #diverged({ record: { threadId } }: StoredThread, why: string): ThreadConflictError {
    const { key } = this.#props;
    return new ThreadConflictError(
      `Thread ${threadId} of ${JSON.stringify(key)} cannot be continued here: ${why}.`,
      { key, threadId, code: 'history-diverged' },
    );
  }
}

/** Whether codex-rs or the resume check rejected the thread before its turn was sent. */
function isRejected(error: unknown): boolean {
  return ResumeRejectedError.is(ThreadConflictError.is(error) ? error.cause : error);
}

function outcomeOf(
  outcome: TurnOutcome['outcome'],
  threadId: string,
  { turnId, finalResponse, usage }: StoredTurn,
  continuation: string,
  result: TurnResult | null,
): TurnOutcome {
  return Object.freeze({ outcome, threadId, turnId, finalResponse, usage, continuation, result });
}
