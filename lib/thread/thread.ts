import { IsInstance } from 'class-validator';
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

/** Classes with a private constructor are none that the decorator's type accepts. */
function constructible(type: { readonly prototype: object }): new () => object {
  return type as unknown as new () => object;
}

/** What a {@link Thread} is made of. @internal */
export interface ThreadProps {
  readonly codexOptions: CodexOptions;
  readonly threadOptions: ThreadOptions;
  readonly backend: ThreadBackend;
}

/** What a review gave. Frozen. @inline */
export interface Review extends TurnResult, ReviewReport {
  /** The thread it ran on: this one, or that of a detached review. */
  readonly thread: Thread;
}

/** What {@link Thread.clone} may change. */
export interface ThreadChanges<Options = ThreadOptionsInput> {
  /** Options laid over the thread's own: records merge, scalars replace. */
  readonly options?: Options;
  /** Labels laid over the thread's own. */
  readonly labels?: LabelsInput;
}

/**
 * A conversation with Codex: described by its options, run turn by turn. Frozen; made by `codex.startThread`,
 * `codex.resumeThread` or a `ThreadBuilder`.
 *
 * Nothing happens before the first turn: codex-rs gives the thread its id then. Turns of one thread queue, also over
 * clones and over several `resumeThread` of the same id.
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
  /** The options of the client it belongs to. */
  @IsInstance(constructible(CodexOptions))
  readonly codexOptions!: CodexOptions;

  /** The options its turns run with. */
  @IsInstance(constructible(ThreadOptions))
  readonly threadOptions!: ThreadOptions;

  /** The labels it carries. */
  @IsInstance(constructible(Labels))
  readonly labels!: Labels;

  readonly #backend: ThreadBackend;

  private constructor({ backend, ...fields }: ThreadProps) {
    Object.assign(this, fields, { labels: fields.threadOptions.labels });
    this.#backend = backend;
  }

  /** Makes a validated, frozen thread. @internal */
  static of(props: ThreadProps): Thread {
    return validated(new Thread(props), 'thread');
  }

  /** The id codex-rs gave the thread, or null before its first turn or `open()`. */
  get threadId(): string | null {
    return #backend in this ? this.#backend.threadId : null;
  }

  /** What codex-rs said of the thread when it was last opened or read, or null before. */
  get metadata(): ThreadMetadata | null {
    return #backend in this ? this.#backend.metadata : null;
  }

  /** Resumes the thread as it stands now: set from the moment its first turn starts, new with every turn; null before. */
  get continuation(): ContinuationToken | null {
    return #backend in this ? this.#backend.continuation : null;
  }

  /**
   * How full the context of the thread's model is, as codex-rs reported last: with each model request, after a compaction, and
   * when the thread is loaded. Null before the first report, after a revert, and where codex-rs does not know the size.
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
   * Runs one turn to its end (`turn/start`), behind the turns that are already waiting.
   *
   * @throws `TurnFailedError` when the turn failed; its `retryable` says whether trying again may help
   * @throws `TurnInterruptedError` when it was stopped; `signal.reason` when its signal stopped it. Its commands are gone then
   * @throws `TurnTimeoutError` when it used up a time budget, `TurnBudgetError` when it spent more than its `budget`, also after
   * its commands are gone
   * @throws `OutputValidationError` when the answer does not fit `output`, also after its `repairs`
   * @throws `ResumeRejectedError` when the thread moved on since it was resumed
   * @throws `OutcomeUnknownError` when nobody knows whether it runs; `TurnLostError` when codex-rs went away in its middle
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
   */
  async run<const Options extends object = object>(
    input: TurnInput,
    options?: RunOptions<ThreadOptionsRecord> & OneOutput<Options>,
  ): Promise<TurnResult<OutputFor<Options>>>;
  /** The same with settings in another form: a `Map`, entries, or names in snake_case or of the Python client. */
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
   * Describes one turn to be streamed; it starts when it is first read.
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
  /** The same with settings in another form: a `Map`, entries, or names in snake_case or of the Python client. */
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
   * Reviews changes (`review/start`), with the reviewer of codex-rs: its guidelines, and a conversation of its own that does not
   * see this thread's. The reviewer has the thread's sandbox and never asks for more. It runs as a turn of this thread or, with `delivery: 'detached'`, of a new thread with the same options, and
   * waits its turn. codex-rs reports no usage for it.
   *
   * @throws `ValidationError` for options that cannot be
   * @throws what `run` throws
   *
   * @example
   * ```ts
   * const { findings, explanation } = await thread.review({ target: { baseBranch: 'main' } });
   * for (const { priority, title, path, startLine } of findings)
   *   console.log(`P${priority ?? '?'} ${basename(path)}:${startLine} ${title}`); // P1 a.ts:3 Await the promise
   * console.log(explanation); // One promise is not awaited.
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
   * Describes a goal that codex-rs pursues over several turns of its own (`thread/goal/set`); it starts when it is first read. A
   * thread has one goal: this one takes the place of an earlier one.
   *
   * @throws `ValidationError` for a blank goal and for options that cannot be
   *
   * @example
   * ```ts
   * const goal = thread.pursue('All tests pass', { timeouts: { totalMs: 3_600_000 } });
   * const { outcome, turns, finalResponse } = await goal.result();
   * console.log(outcome, turns.length, finalResponse); // complete 2 All tests pass.
   * ```
   */
  pursue(objective: string, options: GoalOptions = {}): Goal {
    checkTurnOptions(options, 'pursue');
    if (typeof objective !== 'string' || objective.trim() === '')
      throw new ValidationError('goal', [{ path: '', reason: 'must be a text that is not blank' }]);
    return this.#backend.pursue(objective, this.threadOptions, options);
  }

  /** Starts (`thread/start`) or loads (`thread/resume`) the thread without running a turn; gives its id. */
  async open(): Promise<string> {
    return this.#backend.open();
  }

  /**
   * The turn that runs on the thread now, whoever has started it: another client of the same server, this program before it was
   * started anew, codex-rs itself; null if none runs. Its events begin where it stands: with the items that are complete, then
   * as they come. It can be steered and interrupted, and its approvals come to the handlers here. Leaving its loop leaves it
   * running. A turn of this client is given as it is, with the same one reader.
   *
   * @example
   * ```ts
   * const turn = await thread.attach();
   * if (turn !== null) console.log((await turn.result()).finalResponse); // A test fails.
   * ```
   *
   * @param options - `approvals` answers what this turn asks, before the thread's and the client's handlers
   * @throws {@link ResumeRejectedError} when the thread cannot be loaded, such as `busy` while another process on the same home
   * has it
   */
  async attach(options: Pick<TurnOptions, 'approvals'> = {}): Promise<Turn | null> {
    checkTurnOptions(options, 'attach');
    return this.#backend.attach(this.threadOptions, options);
  }

  /** Where the thread is kept: only a `persisted` one can be resumed, and that takes a turn that was started. */
  get durability(): ThreadDurability {
    return #backend in this ? this.#backend.durability : 'none';
  }

  /**
   * What codex-rs knows of the thread now (`thread/read`), with its turns if asked for. Needs no lock: it works while
   * another process has the thread loaded, and while a turn runs.
   *
   * @throws `ThreadStateError` for a thread that is not open, is gone, or is ephemeral and asked for its turns
   */
  async read(options: ReadOptions = {}): Promise<ThreadMetadata> {
    return this.#backend.read(options);
  }

  /**
   * The thread's turns as codex-rs has recorded them (`thread/turns/list`), over all pages; none before the first one.
   *
   * @throws `ThreadStateError` for a thread that is not open, is gone or is ephemeral
   */
  turns(options: HistoryOptions = {}): AsyncIterable<RecordedTurn> {
    return this.#backend.turns(options);
  }

  /**
   * The turn that was run with this idempotency key, or null: running, completed or cut off. On a thread without an id, the
   * thread that began with the key is asked. Nothing is sent to the model. The thread is loaded only if codex-rs lists no such
   * turn, since another machine may have run it. A turn that another process runs is `interrupted` without `completedAt`, like
   * one whose process was killed; `run()` with the key tells them apart.
   *
   * @throws `ValidationError` for a blank or too long key
   * @throws `ThreadStateError` for a thread that is gone or is ephemeral
   * @throws `ResumeRejectedError` when it is not listed and the thread cannot be loaded, such as `busy`
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
   * The items of all the thread's turns as codex-rs has recorded them (`thread/items/list`), over all pages.
   *
   * @throws `ThreadStateError` for a thread that is not open, is gone or is ephemeral
   */
  items(options: Pick<HistoryOptions, 'order'> = {}): AsyncIterable<RecordedItem> {
    return this.#backend.items(options);
  }

  /**
   * What was attached to the thread (`thread/attachment/list`), by this library too: stored labels are attachments, and so is
   * the thread's own sandbox.
   *
   * @throws `ThreadStateError` for a thread that is not open or is ephemeral
   */
  attachments(): AsyncIterable<RecordedAttachment> {
    return this.#backend.attachments();
  }

  /**
   * Names the thread (`thread/name/set`); lists can be searched for the name. Works while another process has it loaded.
   *
   * @throws `ValidationError` for a blank name
   * @throws `ThreadStateError` for a thread that is not open, archived, gone or ephemeral
   */
  async setName(name: string): Promise<void> {
    await this.#backend.setName(name);
  }

  /**
   * Makes these the labels codex-rs keeps for the thread, in place of all others; before the first turn they wait for it.
   * This value stays as it is: the returned one carries the new labels.
   *
   * @throws `ThreadStateError` for a thread that is gone, and for an ephemeral one: `clone({ labels })` labels the value alone
   */
  async setLabels(labels: LabelsInput): Promise<Thread> {
    const wanted = Labels.from(labels);
    await this.#backend.setLabels(wanted, this.threadOptions);
    return this.#with(this.threadOptions.labelled(wanted));
  }

  /**
   * Makes the model's view of the thread shorter (`thread/compact/start`) and waits until that is done. It counts as a
   * turn in the history, so the thread has a new `continuation` then, also when it failed.
   *
   * @throws `ThreadBusyError` while a turn runs or waits: codex-rs would cut it short
   * @throws `ThreadStateError` for a thread that is not open or never ran
   * @throws `TurnFailedError` when it failed; `options.signal.reason` when it was stopped
   */
  async compact(options: CompactOptions = {}): Promise<Compaction> {
    return this.#backend.compact(options);
  }

  /**
   * A new thread with the history of this one (`thread/fork`): up to its end, through the turn `at`, or up to `before`.
   * This thread is only read, so that works while a turn runs and while another process has it loaded.
   *
   * The fork has this value's options, its own laid over them. Where they are silent, model, provider, effort and source
   * are those of this thread, and so are service tier and summary if it is loaded in this client; codex-rs copies the
   * rest. It inherits the stored labels; those given lie over them.
   *
   * @throws `ValidationError` for options that cannot be, or for both `at` and `before`
   * @throws `ThreadStateError` for a thread that never ran, is archived, gone or ephemeral, and for an unknown turn
   *
   * @example
   * ```ts
   * const variant = await thread.fork({ labels: { variant: 'b' } });
   * await variant.run('Do it with a view instead');
   * console.log(variant.threadId === thread.threadId); // false
   * ```
   */
  async fork(options?: ForkOptions): Promise<Thread>;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
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
   * Takes back the turn `before` and all after it (`thread/revert`). Older tokens do not resume the thread any more; gives the
   * new one.
   *
   * Files stay as they are unless `files` is `restore`: then those that the turns patched are restored first, if the turns
   * worked in a git repository of this machine and every one of the files is as they left it. Else nothing is done. What
   * commands changed is not restored.
   *
   * @throws `ValidationError` if `before` is not the id of a turn, or for another value of `files`
   * @throws `ThreadBusyError` while a turn runs or waits
   * @throws `ThreadStateError` for an unknown turn, for a thread that never ran or is ephemeral, and for one whose history
   * an older codex-rs wrote; if files cannot be restored: `files-changed` with the `files`, `files-not-in-git`,
   * `files-elsewhere`, `turn-changes-unknown`
   * @throws `CodexError` `files-not-restored` if a file cannot be written; all stay as they are then
   *
   * @example
   * ```ts
   * const { turnId } = await thread.run('Now drop the table');
   * await thread.revert({ before: turnId });
   *
   * const { turns } = await thread.read({ includeTurns: true });
   * console.log(turns.length); // 1
   * ```
   */
  async revert(options: RevertOptions): Promise<ContinuationToken> {
    return this.#backend.revert(options);
  }

  /**
   * What a turn did to files (`turn/diff/updated`), as it stands now if the turn still runs. codex-rs reports it while the turn
   * runs and does not record it: this client has it for the last 100 turns of the thread that it has seen. Only patches of the
   * agent are in it, not what its commands or its sub-agents changed.
   *
   * @throws `ValidationError` if `turnId` is not the id of a turn
   * @throws `ThreadStateError` `turn-changes-unknown` for a turn that this client has not seen, or if the thread is not open
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
   * Puts the thread into the archive (`thread/archive`); `codex.unarchiveThread` brings it back.
   *
   * @throws `ThreadBusyError` while a turn runs or waits, or while another process has it loaded
   * @throws `ThreadStateError` for a thread that never ran, is archived already, gone or ephemeral
   */
  async archive(): Promise<void> {
    await this.#backend.archive();
  }

  /**
   * Deletes the thread and its history for good (`thread/delete`).
   *
   * @throws `ThreadBusyError` while a turn runs or waits, or while another process has it loaded
   * @throws `ThreadStateError` while there are forks of it, and for a thread that never ran, is gone or is ephemeral
   */
  async delete(): Promise<void> {
    await this.#backend.delete();
  }

  /**
   * Unloads the thread (`thread/unsubscribe`) and resolves once its writer lock is free, so that another process can take
   * it; the next turn loads it again. A thread that is in memory only is gone then.
   *
   * @throws `ThreadBusyError` while a turn runs or waits
   * @throws `TransportError` `timeout` when codex-rs does not say within 10 seconds that it is unloaded
   */
  async release(): Promise<void> {
    await this.#backend.release();
  }

  /**
   * The same conversation with other settings or labels; this thread stays as it is.
   *
   * @throws `ValidationError` with everything that is wrong with the changes
   *
   * @example
   * ```ts
   * const careful = thread.clone({ options: { sandboxMode: 'read-only' } });
   * await careful.run('Explain the change');
   * console.log(careful.threadId === thread.threadId); // true
   * console.log(thread.threadOptions.sandboxMode); // workspace-write
   * ```
   */
  clone(changes?: ThreadChanges<ThreadOptionsRecord>): Thread;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
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

  /** The thread as JSON, for `codex.restoreThread`: token, labels, options and metadata, and never a secret. */
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

  /** Whether the other is the same thread or conversation, with equal options and labels. */
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

  /** A new thread with the options of this one, in the same directory. */
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

/** The options of the turn, or of the nth one that corrects its answer: each has a key of its own. */
function keyed(options: StreamOptions, repair: number): StreamOptions {
  const { idempotencyKey: key } = options;
  return key === undefined ? options : { ...options, idempotencyKey: repairKey(key, repair) };
}

function repairRequest({ problems }: OutputValidationError): string {
  const lines = problems.map(({ path, reason }) => `- ${path === '' ? '' : `${path}: `}${reason}`);
  return `Your last answer does not have the required form:\n${lines.join('\n')}\nGive the whole answer again, corrected.`;
}
