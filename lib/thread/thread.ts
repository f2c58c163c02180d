import { IsInstance } from '../deferred-decorators.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { Labels, type LabelsInput } from '../record/labels.js';
import { ThreadSnapshot } from '../record/thread-snapshot.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { Redactor } from '../redaction.js';
import { OutputValidationError } from '../output/output-validation-error.js';
import type { Goal, GoalOptions } from '../turn/goal.js';
import { ValidationError } from '../errors.js';
import type { ContextWindow } from '../turn/context-window.js';
import { reportIn, reviewTarget, type ReviewOptions, type ReviewReport } from '../turn/review.js';
import type { Turn } from '../turn/turn.js';
import type { TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';
import type { TurnResult } from '../turn/turn-result.js';
import { validated } from '../validation.js';
import { findApiKey } from '../options/api-key.js';
import { CodexOptions } from '../options/codex-options.js';
import type { OneOutput, OutputFor, RunOptions, StreamOptions } from '../turn/run-options.js';
import type { OtherForm } from '../options/option-records.js';
import { forkRequest, type ForkOptions, type ForkOptionsInput } from './fork-request.js';
import type {
  HistoryOptions,
  ReadOptions,
  RecordedAttachment,
  RecordedItem,
  RecordedTurn,
} from '../record/recorded-history.js';
import type {
  CompactOptions,
  Compaction,
  RevertOptions,
  ThreadBackend,
  ThreadDurability,
  TurnChanges,
} from './thread-backend.js';
import {
  ThreadOptions,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
} from '../options/thread-options.js';
import { checkedKey, repairKey } from '../turn/turn-key.js';
import { checkTurnOptions } from '../turn/turn-options-check.js';
import { checkTools } from '../options/tool-check.js';
import { withoutCredentials } from '../options/without-credentials.js';

/** The decorator's type does not accept classes with a private constructor. */
function constructible(type: { readonly prototype: object }): new () => object {
  return type as unknown as new () => object;
}

/** Properties of a {@link Thread}. @internal */
export interface ThreadProps {
  readonly codexOptions: CodexOptions;
  readonly threadOptions: ThreadOptions;
  readonly backend: ThreadBackend;
}

/** The result of a review. Frozen. @inline */
export interface Review extends TurnResult, ReviewReport {
  /** The thread that the review ran on: this one, or the new thread of a detached review. */
  readonly thread: Thread;
}

/** Options of {@link Thread.clone}. */
export interface ThreadChanges<Options = ThreadOptionsInput> {
  /** Options merged into the thread's own: records merge, scalars replace. */
  readonly options?: Options;
  /** Labels merged into the thread's own. */
  readonly labels?: LabelsInput;
}

/**
 * A conversation with Codex: described by its options, run turn by turn. Frozen. Created by `codex.startThread`,
 * `codex.resumeThread` or a `ThreadBuilder`.
 *
 * codex-rs starts the thread and assigns its id with the first turn. Turns of one thread queue, across clones and
 * across several calls of `resumeThread` with the same id.
 *
 * @example
 * ```ts
 * const thread: Thread = codex.startThread({ sandboxMode: 'read-only' });
 * const cause = await thread.run('Find out why the build is red');
 * const fix = await thread.run('How would you fix it?');
 * console.log(cause.threadId === fix.threadId, thread.durability); // true persisted
 * ```
 */
export class Thread {
  /** The options of the client that the thread belongs to. */
  @IsInstance(constructible(CodexOptions))
  readonly codexOptions!: CodexOptions;

  /** The options of its turns. */
  @IsInstance(constructible(ThreadOptions))
  readonly threadOptions!: ThreadOptions;

  /** The labels of the thread. */
  @IsInstance(constructible(Labels))
  readonly labels!: Labels;

  readonly #backend: ThreadBackend;

  private constructor({ backend, ...fields }: ThreadProps) {
    Object.assign(this, fields, { labels: fields.threadOptions.labels });
    this.#backend = backend;
  }

  /** Creates a validated, frozen thread. @internal */
  static of(props: ThreadProps): Thread {
    return validated(new Thread(props), 'thread');
  }

  /** The id that codex-rs assigned to the thread, or null before its first turn or `open()`. */
  get threadId(): string | null {
    return #backend in this ? this.#backend.threadId : null;
  }

  /** The metadata that codex-rs returned when the thread was last opened or read, or null before. */
  get metadata(): ThreadMetadata | null {
    return #backend in this ? this.#backend.metadata : null;
  }

  /** A token that resumes the thread in its current state. Null until the first turn starts; each turn changes it. */
  get continuation(): ContinuationToken | null {
    return #backend in this ? this.#backend.continuation : null;
  }

  /**
   * The usage of the model's context window, as last reported by codex-rs: with each model request, after a compaction,
   * and when the thread is loaded. Null before the first report, after a revert, and if codex-rs does not know the
   * size.
   *
   * @example
   * ```ts
   * const { used = 0, size = 0, fraction = 0 } = thread.contextWindow ?? {};
   * console.log(used, size); // 15 258400
   * if (fraction > 0.8) await thread.compact();
   * ```
   */
  get contextWindow(): ContextWindow | null {
    return #backend in this ? this.#backend.contextWindow : null;
  }

  /**
   * Runs one turn to its end (`turn/start`), after the turns that are already queued.
   *
   * @throws `TurnFailedError` if the turn failed; its `retryable` is true if a retry may succeed
   * @throws `TurnInterruptedError` if the turn was interrupted; `signal.reason` if its signal aborted. Its commands
   * have ended by then
   * @throws `TurnTimeoutError` if the turn exceeded a time limit, `TurnBudgetError` if it exceeded its `budget`; both
   * after its commands have ended
   * @throws `OutputValidationError` if the answer does not match `output`, even after its `repairs`
   * @throws `ResumeRejectedError` if the thread has changed since it was resumed
   * @throws `OutcomeUnknownError` if it is unknown whether the turn runs; `TurnLostError` if codex-rs exits during the
   * turn
   *
   * @example
   * ```ts
   * const turn = await thread.run('Find out why the build is red', {
   *   options: { sandboxMode: 'read-only' },
   *   timeouts: { idleMs: 60_000, totalMs: 600_000 },
   *   signal: AbortSignal.timeout(900_000),
   * });
   * console.log(turn.status, turn.finalResponse); // completed A test fails.
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "turn/start",
   *   "params": {
   *     "threadId": "…",
   *     "input": [{ "type": "text", "text": "Find out why the build is red" }],
   *     "sandboxPolicy": { "type": "readOnly", "networkAccess": false }
   *   }
   * }
   * ```
   */
  async run<const Options extends object = object>(
    input: TurnInput,
    options?: RunOptions<ThreadOptionsRecord> & OneOutput<Options>,
  ): Promise<TurnResult<OutputFor<Options>>>;
  /** Accepts settings in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  async run<const Options extends readonly unknown[]>(
    input: TurnInput,
    ...options: OtherForm<
      Options,
      RunOptions<ThreadOptionsRecord>,
      [options?: (RunOptions & OneOutput<Options[0]>) | undefined]
    >
  ): Promise<TurnResult<OutputFor<Options[0]>>>;
  async run(input: TurnInput, options?: RunOptions): Promise<TurnResult<unknown>> {
    const given: RunOptions = options ?? {};
    checkTurnOptions(given, 'run');
    const { repairs = 0, ...rest } = given;
    let request = input;
    for (let left = repairs; ; left -= 1)
      try {
        const turn = this.#turn(request, keyed(rest, repairs - left));
        turn.discardEvents();
        return await turn.result();
      } catch (error) {
        if (left < 1 || !OutputValidationError.is(error)) throw error;
        request = repairRequest(error);
      }
  }

  /**
   * Describes one turn to stream. The turn starts when it is first read.
   *
   * @throws `ValidationError` for an input or options that cannot be sent
   *
   * @example
   * ```ts
   * for await (const event of thread.runStreamed('Fix it')) {
   *   if (event.type === 'text.delta') process.stdout.write(event.text);
   *   if (event.type === 'turn.completed') console.log(event.usage?.totalTokens); // 15
   * }
   * ```
   */
  runStreamed<const Options extends object = object>(
    input: TurnInput,
    options?: StreamOptions<ThreadOptionsRecord> & OneOutput<Options>,
  ): Turn<OutputFor<Options>>;
  /** Accepts settings in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  runStreamed<const Options extends readonly unknown[]>(
    input: TurnInput,
    ...options: OtherForm<
      Options,
      StreamOptions<ThreadOptionsRecord>,
      [options?: (StreamOptions & OneOutput<Options[0]>) | undefined]
    >
  ): Turn<OutputFor<Options[0]>>;
  runStreamed(input: TurnInput, options?: StreamOptions): Turn<unknown> {
    const given: StreamOptions = options ?? {};
    checkTurnOptions(given, 'stream');
    return this.#turn(input, given);
  }

  /**
   * Reviews changes (`review/start`) with the reviewer of codex-rs. The reviewer has its own guidelines and its own
   * conversation, which does not include this thread's. It has the thread's sandbox and never requests more
   * permissions. The review queues as a turn of this thread or, with `delivery: 'detached'`, of a new thread with the
   * same options. codex-rs does not report its usage.
   *
   * @throws `ValidationError` for invalid options
   * @throws the errors of `run`
   *
   * @example
   * ```ts
   * const { findings, explanation } = await thread.review({ target: { baseBranch: 'main' } });
   * for (const { priority, title, path, startLine } of findings)
   *   console.log(`P${priority ?? '?'} ${basename(path)}:${startLine} ${title}`); // P1 a.ts:3 Await the promise
   * console.log(explanation); // One promise is not awaited.
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "review/start",
   *   "params": {
   *     "threadId": "…",
   *     "target": { "type": "baseBranch", "branch": "main" },
   *     "delivery": "inline"
   *   }
   * }
   * ```
   */
  async review(options: ReviewOptions = {}): Promise<Review> {
    const { target, delivery, ...turnOptions } = options;
    const wanted = reviewTarget({ target, delivery });
    checkTurnOptions(turnOptions, 'review');
    const thread = delivery === 'detached' ? this.#another() : this;
    const turn = thread.#backend.review(wanted, thread.threadOptions, turnOptions);
    turn.discardEvents();
    const result = await turn.result();
    return Object.freeze({ ...result, ...reportIn(result.items), thread });
  }

  /**
   * Describes a goal that codex-rs pursues over several turns (`thread/goal/set`). It starts when it is first read. A
   * thread has one goal: a new goal replaces an earlier one.
   *
   * @throws `ValidationError` for a blank goal and for invalid options
   *
   * @example
   * ```ts
   * const goal = thread.pursue('All tests pass', { timeouts: { totalMs: 3_600_000 } });
   * const { outcome, turns, finalResponse } = await goal.result();
   * console.log(outcome, turns.length, finalResponse); // complete 2 All tests pass.
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "thread/goal/set",
   *   "params": {
   *     "threadId": "…",
   *     "objective": "All tests pass",
   *     "status": "active"
   *   }
   * }
   * ```
   */
  pursue(objective: string, options: GoalOptions = {}): Goal {
    checkTurnOptions(options, 'pursue');
    if (typeof objective !== 'string' || objective.trim() === '')
      throw new ValidationError('goal', [{ path: '', reason: 'must be a non-blank string' }]);
    return this.#backend.pursue(objective, this.threadOptions, options);
  }

  /**
   * Starts (`thread/start`) or loads (`thread/resume`) the thread without running a turn, and returns its id.
   *
   * @example
   * ```ts
   * const threadId = await codex.startThread({ model: 'gpt-5.5' }).open();
   * console.log(threadId.length); // 36
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/start", "params": { "model": "gpt-5.5" } }
   * ```
   */
  async open(): Promise<string> {
    return this.#backend.open();
  }

  /**
   * Returns the running turn of the thread, or null. Another client of the same server, this program before a restart,
   * or codex-rs itself may have started it. Its events begin with the items that are already complete; later events
   * follow as they occur. It can be steered and interrupted, and its approval requests go to the handlers of this
   * client. Leaving its loop does not stop it. If this client started the turn, the method returns that turn, which can
   * still be read only once.
   *
   * @example
   * ```ts
   * const turn = await thread.attach();
   * if (turn !== null) console.log((await turn.result()).finalResponse); // A test fails.
   * ```
   *
   * @param options - `approvals` answers the requests of this turn, before the thread's and the client's handlers
   * @throws {@link ResumeRejectedError} if the thread cannot be loaded, such as `busy` while another process on the
   * same home has it
   */
  async attach(options: Pick<TurnOptions, 'approvals'> = {}): Promise<Turn | null> {
    checkTurnOptions(options, 'attach');
    return this.#backend.attach(this.threadOptions, options);
  }

  /** The storage of the thread. Only a `persisted` thread can be resumed. A thread is persisted once a turn has started. */
  get durability(): ThreadDurability {
    return #backend in this ? this.#backend.durability : 'none';
  }

  /**
   * Reads the current metadata of the thread (`thread/read`), with its turns if requested. It takes no lock, so it
   * works while another process has the thread loaded, and while a turn runs.
   *
   * @throws `ThreadStateError` for a thread that is not open, is gone, or is ephemeral when its turns are requested
   *
   * @example
   * ```ts
   * const { preview, turns } = await thread.read({ includeTurns: true });
   * console.log(preview, turns.length); // Write the migration 1
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/read", "params": { "threadId": "…" } }
   * ```
   *
   * ```json
   * {
   *   "method": "thread/turns/list",
   *   "params": {
   *     "threadId": "…",
   *     "sortDirection": "asc",
   *     "itemsView": "full"
   *   }
   * }
   * ```
   */
  async read(options: ReadOptions = {}): Promise<ThreadMetadata> {
    return this.#backend.read(options);
  }

  /**
   * Yields the recorded turns of the thread (`thread/turns/list`), over all pages; empty before the first turn.
   *
   * @throws `ThreadStateError` for a thread that is not open, is gone or is ephemeral
   *
   * @example
   * ```ts
   * for await (const { status } of thread.turns()) console.log(status); // completed
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "thread/turns/list",
   *   "params": {
   *     "threadId": "…",
   *     "sortDirection": "asc",
   *     "itemsView": "full",
   *     "limit": 50
   *   }
   * }
   * ```
   */
  turns(options: HistoryOptions = {}): AsyncIterable<RecordedTurn> {
    return this.#backend.turns(options);
  }

  /**
   * Returns the turn that ran with this idempotency key, or null. The turn may be running, completed or cut off. If
   * this thread has no id, the search uses the thread that began with the key. No request goes to the model. The thread
   * is loaded only if codex-rs does not list the turn, since another machine may have run it. A turn that runs in
   * another process is `interrupted` without `completedAt`, like a turn whose process was killed. `run()` with the key
   * distinguishes the two.
   *
   * @throws `ValidationError` if the key is blank or too long
   * @throws `ThreadStateError` if the thread is gone or ephemeral
   * @throws `ResumeRejectedError` if the turn is not listed and the thread cannot be loaded, such as `busy`
   *
   * @example
   * ```ts
   * await thread.run('Send the invoice', { idempotencyKey: 'invoice-7' });
   *
   * const turn = await thread.findTurn('invoice-7');
   * console.log(turn?.status, await thread.findTurn('invoice-8')); // completed null
   * ```
   */
  async findTurn(idempotencyKey: string): Promise<RecordedTurn | null> {
    return this.#backend.findTurn(checkedKey(idempotencyKey));
  }

  /**
   * Yields the recorded items of all turns of the thread (`thread/items/list`), over all pages.
   *
   * @throws `ThreadStateError` for a thread that is not open, is gone or is ephemeral
   *
   * @example
   * ```ts
   * const types: string[] = [];
   * for await (const { item } of thread.items()) types.push(item.type);
   * console.log(types.join()); // userMessage,agentMessage
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/items/list", "params": { "threadId": "…", "sortDirection": "asc", "limit": 100 } }
   * ```
   */
  items(options: Pick<HistoryOptions, 'order'> = {}): AsyncIterable<RecordedItem> {
    return this.#backend.items(options);
  }

  /**
   * Yields the attachments of the thread (`thread/attachment/list`). They include those of this library: the stored
   * labels and the thread's own sandbox.
   *
   * @throws `ThreadStateError` for a thread that is not open or is ephemeral
   *
   * @example
   * ```ts
   * for await (const { attachmentType, identityKey } of thread.attachments())
   *   if (attachmentType === 'codex-threads.label') console.log(identityKey); // ticket=PAY-123
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/attachment/list", "params": { "threadId": "…" } }
   * ```
   */
  attachments(): AsyncIterable<RecordedAttachment> {
    return this.#backend.attachments();
  }

  /**
   * Names the thread (`thread/name/set`). `listThreads` can search for the name. It works while another process has the
   * thread loaded.
   *
   * @throws `ValidationError` for a blank name
   * @throws `ThreadStateError` for a thread that is not open, archived, gone or ephemeral
   *
   * @example
   * ```ts
   * await thread.setName('The migration of PAY-123');
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/name/set", "params": { "threadId": "…", "name": "The migration of PAY-123" } }
   * ```
   */
  async setName(name: string): Promise<void> {
    await this.#backend.setName(name);
  }

  /**
   * Replaces the labels that codex-rs stores for the thread. Before the first turn, they are stored when it starts.
   * This value does not change: the returned thread has the new labels.
   *
   * @throws `ThreadStateError` if the thread is gone or ephemeral; `clone({ labels })` sets the labels of the value
   * only
   *
   * @example
   * ```ts
   * const labelled = await thread.setLabels({ state: 'done' });
   * console.log(labelled.labels.get('state'), thread.labels.names.length); // done 0
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "thread/attachment/add",
   *   "params": {
   *     "threadId": "…",
   *     "attachmentType": "codex-threads.label",
   *     "identityKey": "state=done"
   *   }
   * }
   * ```
   */
  async setLabels(labels: LabelsInput): Promise<Thread> {
    const wanted = Labels.from(labels);
    await this.#backend.setLabels(wanted, this.threadOptions);
    return this.#with(this.threadOptions.labelled(wanted));
  }

  /**
   * Compacts the model's view of the thread (`thread/compact/start`) and waits until that is done. The history records
   * it as a turn, so the thread has a new `continuation` afterwards, even if the compaction failed.
   *
   * @throws `ThreadBusyError` while a turn runs or is queued: codex-rs would interrupt it
   * @throws `ThreadStateError` if the thread is not open or never ran
   * @throws `TurnFailedError` if the compaction failed; `options.signal.reason` if it was stopped
   *
   * @example
   * ```ts
   * const before = thread.continuation?.toString();
   * const { continuation } = await thread.compact();
   * console.log(continuation.toString() === before); // false
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/compact/start", "params": { "threadId": "…" } }
   * ```
   */
  async compact(options: CompactOptions = {}): Promise<Compaction> {
    return this.#backend.compact(options);
  }

  /**
   * Creates a thread with the history of this one (`thread/fork`): up to its end, through the turn `at`, or up to
   * `before`. This thread is only read, so a fork works while a turn runs and while another process has it loaded.
   *
   * The fork has the options of this value, merged with its own. If they do not specify model, provider, effort or
   * source, the fork uses those of this thread. The same holds for service tier and summary if the thread is loaded in
   * this client. codex-rs copies the rest. The fork inherits the stored labels, merged with the given ones.
   *
   * @throws `ValidationError` for invalid options, or for both `at` and `before`
   * @throws `ThreadStateError` for a thread that never ran, is archived, gone or ephemeral, and for an unknown turn
   *
   * @example
   * ```ts
   * const variant = await thread.fork({ labels: { variant: 'b' } });
   * await variant.run('Do it with a view instead');
   * console.log(variant.threadId === thread.threadId); // false
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/fork", "params": { "threadId": "…", "excludeTurns": true } }
   * ```
   */
  async fork(options?: ForkOptions): Promise<Thread>;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  async fork<const Options extends readonly unknown[]>(
    ...options: OtherForm<Options, ForkOptions, [options?: ForkOptionsInput | undefined]>
  ): Promise<Thread>;
  async fork(options: ForkOptionsInput = {}): Promise<Thread> {
    const { point, changes } = forkRequest(options);
    const wanted = this.threadOptions.labelled(Labels.empty).merge(changes);
    const { backend, labels } = await this.#backend.fork(point, wanted);
    return Thread.of({
      codexOptions: this.codexOptions,
      threadOptions: wanted.labelled(labels),
      backend,
    });
  }

  /**
   * Removes the turn `before` and all turns after it (`thread/revert`). Older tokens no longer resume the thread.
   * Returns the new token.
   *
   * Files do not change unless `files` is `restore`. With `restore`, the files that the turns patched are restored
   * first. This requires that the turns worked in a git repository on this machine, and that none of the files has
   * changed since. Otherwise the revert does nothing. Changes made by commands are not restored.
   *
   * @throws `ValidationError` if `before` is not the id of a turn, or for another value of `files`
   * @throws `ThreadBusyError` while a turn runs or is queued
   * @throws `ThreadStateError` for an unknown turn, for a thread that never ran or is ephemeral, and for one whose history
   * an older codex-rs wrote; if files cannot be restored: `files-changed` with the `files`, `files-not-in-git`,
   * `files-elsewhere`, `turn-changes-unknown`
   * @throws `CodexError` `files-not-restored` if a file cannot be written; no file changes then
   *
   * @example
   * ```ts
   * const { turnId } = await thread.run('Now drop the table');
   * await thread.revert({ before: turnId });
   *
   * const { turns } = await thread.read({ includeTurns: true });
   * console.log(turns.length); // 1
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/revert", "params": { "threadId": "…", "beforeTurnId": "…" } }
   * ```
   */
  async revert(options: RevertOptions): Promise<ContinuationToken> {
    return this.#backend.revert(options);
  }

  /**
   * Returns the file changes of a turn (`turn/diff/updated`); for a running turn, those so far. codex-rs reports the
   * changes while the turn runs and does not record them. This client keeps them for the last 100 turns of the thread
   * that it observed. They include the agent's patches only, not changes by its commands or sub-agents.
   *
   * @throws `ValidationError` if `turnId` is not the id of a turn
   * @throws `ThreadStateError` `turn-changes-unknown` for a turn that this client did not observe, or if the thread is
   * not open
   *
   * @example
   * ```ts
   * const { turnId } = await thread.run('Greet in French');
   * const { files } = await thread.changes({ turnId });
   * console.log(files[0]?.path, files[0]?.status); // greeting.txt modified
   *
   * await thread.revert({ before: turnId, files: 'restore' });
   * console.log(await readFile(greeting, 'utf8')); // Hello
   * ```
   */
  async changes({ turnId }: { readonly turnId: string }): Promise<TurnChanges> {
    return this.#backend.changes(turnId);
  }

  /**
   * Archives the thread (`thread/archive`). `codex.unarchiveThread` restores it.
   *
   * @throws `ThreadBusyError` while a turn runs or is queued, or while another process has it loaded
   * @throws `ThreadStateError` for a thread that never ran, is archived already, gone or ephemeral
   *
   * @example
   * ```ts
   * await thread.archive();
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/archive", "params": { "threadId": "…" } }
   * ```
   */
  async archive(): Promise<void> {
    await this.#backend.archive();
  }

  /**
   * Permanently deletes the thread and its history (`thread/delete`).
   *
   * @throws `ThreadBusyError` while a turn runs or is queued, or while another process has it loaded
   * @throws `ThreadStateError` while the thread has forks, and for a thread that never ran, is gone or is ephemeral
   *
   * @example
   * ```ts
   * await thread.delete();
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/delete", "params": { "threadId": "…" } }
   * ```
   */
  async delete(): Promise<void> {
    await this.#backend.delete();
  }

  /**
   * Unloads the thread (`thread/unsubscribe`) and resolves once its writer lock is free, so that another process can
   * acquire it. The next turn loads the thread again. A thread that exists in memory only is lost.
   *
   * @throws `ThreadBusyError` while a turn runs or is queued
   * @throws `TransportError` `timeout` if codex-rs does not report within 10 seconds that the thread is unloaded
   *
   * @example
   * ```ts
   * await thread.release();
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/unsubscribe", "params": { "threadId": "…" } }
   * ```
   */
  async release(): Promise<void> {
    await this.#backend.release();
  }

  /**
   * Returns the same conversation with other settings or labels. This thread does not change.
   *
   * @throws `ValidationError` with every problem in the changes
   *
   * @example
   * ```ts
   * const careful = thread.clone({ options: { sandboxMode: 'read-only' } });
   * await careful.run('Explain the change');
   * console.log(careful.threadId === thread.threadId); // true
   * console.log(thread.threadOptions.sandboxMode); // workspace-write
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "turn/start",
   *   "params": {
   *     "threadId": "…",
   *     "input": [{ "type": "text", "text": "Explain the change" }],
   *     "sandboxPolicy": { "type": "readOnly", "networkAccess": false }
   *   }
   * }
   * ```
   */
  clone(changes?: ThreadChanges<ThreadOptionsRecord>): Thread;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  clone<const Changes extends readonly unknown[]>(
    ...changes: OtherForm<
      Changes,
      ThreadChanges<ThreadOptionsRecord>,
      [changes?: ThreadChanges | undefined]
    >
  ): Thread;
  clone({ options = {}, labels = {} }: ThreadChanges = {}): Thread {
    const changed = this.threadOptions.merge(options).merge({ labels });
    if (changed.tools !== this.threadOptions.tools) checkTools(changed.tools);
    return this.#with(changed);
  }

  /**
   * Returns the thread as JSON, for `codex.restoreThread`: token, labels, options and metadata, without secrets.
   *
   * @example
   * ```ts
   * const stored = JSON.stringify(thread);
   * const restored = await codex.restoreThread(JSON.parse(stored));
   * console.log(restored.equals(thread)); // true
   * ```
   */
  toJSON(): ThreadSnapshot {
    const { continuationSecret } = this.codexOptions;
    const apiKey = findApiKey(this.codexOptions, process.env)?.key;
    const redactor = new Redactor([apiKey, continuationSecret].filter((key) => key !== undefined));
    return ThreadSnapshot.fromJSON({
      version: 1,
      threadId: this.threadId,
      continuation: this.continuation === null ? null : String(this.continuation),
      labels: this.labels.toJSON(),
      options: withoutCredentials(this.threadOptions.toJSON(), redactor),
      metadata: redactor.redactValue(this.metadata?.toJSON() ?? null),
    });
  }

  /**
   * Returns whether the other value is the same thread or conversation, with equal options and labels.
   *
   * @example
   * ```ts
   * console.log(thread.equals(thread.clone())); // true
   * console.log(thread.equals(thread.clone({ labels: { state: 'done' } }))); // false
   * ```
   */
  equals(other: Thread): boolean {
    const isSameThread =
      this.#backend === other.#backend ||
      (this.threadId !== null && this.threadId === other.threadId);
    return isSameThread && this.threadOptions.equals(other.threadOptions);
  }

  #turn(input: TurnInput, { options: changes, ...options }: StreamOptions): Turn<unknown> {
    const settings = changes === undefined ? this.threadOptions : this.threadOptions.merge(changes);
    return this.#backend.turn(input, settings, options);
  }

  /** Creates a thread with the options of this one, in the same directory. */
  #another(): Thread {
    const { codexOptions, metadata } = this;
    const directory = this.threadOptions.workingDirectory ?? metadata?.workingDirectory;
    const threadOptions = this.threadOptions.merge(
      directory === undefined ? {} : { workingDirectory: directory },
    );
    const backend = this.#backend.another(threadOptions);
    return Thread.of({ codexOptions, threadOptions, backend });
  }

  #with(threadOptions: ThreadOptions): Thread {
    const { codexOptions } = this;
    return Thread.of({ codexOptions, threadOptions, backend: this.#backend });
  }
}

/** The options of the turn, or of the nth turn that corrects its answer. Each has its own key. */
function keyed(options: StreamOptions, repair: number): StreamOptions {
  const { idempotencyKey: key } = options;
  return key === undefined ? options : { ...options, idempotencyKey: repairKey(key, repair) };
}

function repairRequest({ problems }: OutputValidationError): string {
  const lines = problems.map(({ path, reason }) => `- ${path === '' ? '' : `${path}: `}${reason}`);
  return `Your last answer does not have the required form:\n${lines.join('\n')}\nGive the whole answer again, corrected.`;
}
