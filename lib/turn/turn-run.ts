import { randomUUID } from 'node:crypto';
import { CodexError, TransportError } from '../errors.js';
import type {
  RateLimitSnapshot,
  ReviewTarget,
  ServerNotification,
  ThreadItem,
  Turn as WireTurn,
  UserInput,
} from '../protocol/index.js';
import { ReaderQueue } from '../reader-queue.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { Redactor } from '../redaction.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { JsonObject, OutputFormat } from '../output/output-format.js';
import { limitReset } from './limit-reset.js';
import { mergeEvent } from './merged-events.js';
import { OutputValidationError } from '../output/output-validation-error.js';
import type { BudgetExcess } from './turn-budget.js';
import { TurnBudgetError } from './turn-budget-error.js';
import type { TurnEvent } from './turn-events.js';
import { TurnFailedError } from './turn-failed-error.js';
import { measured, type TurnMeasures } from './turn-measures.js';
import { TurnInterruptedError } from './turn-interrupted-error.js';
import type { TurnOptions } from './turn-options.js';
import type { TurnResult } from './turn-result.js';
import type { TurnOrigin, TurnStart, TurnState } from './turn-start.js';
import { SubagentRuns } from './subagent-runs.js';
import { TurnTelemetry } from './turn-telemetry.js';
import { TurnTranscript } from './turn-transcript.js';
import { added, breakdown, type TurnUsage } from './usage.js';

/** The state of a `Turn`: the conversation drives it, the handle reads it. */
export class TurnRun {
  /** Sent as `clientUserMessageId`, so that the turn can be found again in the thread's history. */
  readonly clientMessageId: string;
  /** Publishes telemetry of the turn, in the asynchronous context of its caller. */
  readonly telemetry: TurnTelemetry;
  /** The origin of its outcome. */
  origin: TurnOrigin = 'ran';
  /** The events, for one reader. */
  readonly stream = new ReaderQueue<TurnEvent>(mergeEvent);
  /** The turn's result, or its error. */
  readonly outcome: Promise<TurnResult<unknown>>;
  /** Resolves when the turn is over, with any outcome. */
  readonly settled: Promise<void>;
  /** The activity of its sub-agents. */
  readonly subagents = new SubagentRuns();
  /** The subject of the review; null for a turn with an input. */
  readonly review: ReviewTarget | null;
  /** The thread's last turn before this one was sent, or null. */
  turnBefore: string | null = null;
  /** The turn of a review's reviewer, which codex-rs interrupts in place of the review, or null. */
  reviewerTurnId: string | null = null;
  readonly input: readonly UserInput[];
  readonly options: TurnOptions;
  /** The options of its thread value, overridden by the turn's own. */
  readonly threadOptions: ThreadOptions;
  readonly #over = new AbortController();
  readonly #commandIds = new Set<string>();
  #format: OutputFormat<unknown> | null = null;
  #stopReason: { readonly error: () => unknown } | null = null;
  #excess: BudgetExcess | null = null;
  #onSpent: () => void = () => undefined;
  #state: TurnState = 'pending';
  #start: TurnStart | null = null;
  #errorCode: string | null = null;
  #end: WireTurn | null = null;
  #resetsAt: Date | null = null;
  #transcript = new TurnTranscript(null, new Redactor());
  #resolve: (result: TurnResult<unknown>) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** @param review - the subject of a review; null for a turn with an input */
  constructor(
    input: readonly UserInput[],
    options: TurnOptions,
    threadOptions: ThreadOptions,
    review: ReviewTarget | null = null,
  ) {
    this.review = review;
    this.input = input;
    this.options = options;
    this.clientMessageId = options.idempotencyKey ?? randomUUID();
    this.telemetry = new TurnTelemetry(this.clientMessageId);
    this.threadOptions = threadOptions;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A reader of the outcome gets the rejection; an unread outcome must not cause an unhandled rejection.
    const tell = (): void => {
      const { usage } = this.#transcript;
      this.telemetry.end({ status: this.#state, errorCode: this.#errorCode, usage });
    };
    this.settled = this.outcome.then(tell, tell);
  }

  /** The state of the turn. */
  get state(): TurnState {
    return this.#state;
  }

  /** The id codex-rs gave the turn, or null before it starts. */
  get turnId(): string | null {
    return this.#start?.turnId ?? null;
  }

  /** The token that resumes the thread after the turn; null before it starts. */
  get continuation(): ContinuationToken | null {
    return this.#start?.continuation ?? null;
  }

  /** The items that completed so far. */
  get items(): readonly ThreadItem[] {
    return this.#transcript.items;
  }

  /** Whether the turn is over. */
  get isOver(): boolean {
    return this.#state === 'completed' || this.#state === 'failed' || this.#state === 'interrupted';
  }

  /** Aborts when the turn is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** The commands the turn has started. */
  get commandIds(): ReadonlySet<string> {
    return this.#commandIds;
  }

  /** The format of the answer; null for any answer, and before the turn is sent. */
  get format(): OutputFormat<unknown> | null {
    return this.#format;
  }

  /** The JSON Schema of the answer for the wire; null for any answer. Rejects an unsupported output. */
  async prepareOutput(): Promise<JsonObject | null> {
    const { output, outputSchema } = this.options;
    const source =
      output ?? (outputSchema === undefined ? undefined : { jsonSchema: { ...outputSchema } });
    if (source === undefined) return null;
    // Loaded with the first output: most programs do not use one.
    const { outputFormat } = await import('../output/output-schema.js');
    this.#format = outputFormat(source);
    return this.#format.schema;
  }

  /** Its usage so far, including its sub-agents. */
  get spent(): TurnUsage {
    return added(this.#transcript.usage ?? breakdown({}), this.subagents.spent);
  }

  /** Calls the listener whenever usage grows. */
  onSpent(listener: () => void): void {
    this.#onSpent = listener;
  }

  /** The error that the turn ends with if it is stopped now. */
  stopWith(error: () => unknown): void {
    this.#stopReason ??= { error };
  }

  /**
   * The budget is exceeded: the turn rejects with that error, regardless of its outcome. Returns whether this is the first
   * time.
   */
  exceed(excess: BudgetExcess): boolean {
    if (this.isOver || this.#excess !== null) return false;
    this.#excess = excess;
    this.stopWith(() => this.#overspending(excess, 'interrupted'));
    return true;
  }

  /** Notifications were lost: later ones follow a gap. */
  tear(): void {
    this.#transcript.tear();
  }

  /** Sends the reader an event that is not a notification of the turn. */
  emit(event: TurnEvent): void {
    if (!this.isOver) this.#emit(event);
  }

  /** The turn waits in the thread's queue. */
  queue(): void {
    if (this.#state === 'pending') this.#state = 'queued';
  }

  /** codex-rs accepted the turn. */
  begin(start: TurnStart): void {
    if (this.isOver || this.#start !== null) return;
    this.#start = start;
    this.#state = 'running';
    this.telemetry.begin(start, this.input);
    this.#transcript = new TurnTranscript(start.usageBefore, start.redactor, (event) => {
      this.#emit(event);
    });
    const { threadId, turnId, isNewThread } = start;
    if (isNewThread) this.#emit({ type: 'thread.started', threadId });
    this.#emit({ type: 'turn.started', threadId, turnId });
  }

  /** Accepts a notification of this turn; the final one ends it. */
  accept(notification: ServerNotification): void {
    if (this.isOver) return;
    const { method, params } = notification;
    if (method === 'turn/completed') this.#finishSafely(params.turn);
    else this.#emit(...this.#transcript.accept(notification));
    if (method === 'item/started' && params.item.type === 'commandExecution')
      this.#commandIds.add(params.item.id);
    if (method === 'thread/tokenUsage/updated') this.#onSpent();
  }

  /** Accepts a notification of a sub-agent's thread. */
  acceptSubagent(threadId: string, notification: ServerNotification): void {
    if (this.isOver) return;
    const { method, params } = notification;
    this.subagents.accept(threadId, notification);
    this.#emit({ type: 'subagent.event', threadId, method, params });
    if (method === 'thread/tokenUsage/updated') this.#onSpent();
  }

  /** Accepts the state of the account's limits: the only source of the reset time of an exhausted limit. */
  acceptLimits(limits: RateLimitSnapshot): void {
    // Later reports may omit values of an earlier one.
    this.#resetsAt = limitReset(limits) ?? this.#resetsAt;
  }

  /** Ends the turn with an error that codex-rs did not report itself. */
  fail(error: unknown): void {
    if (this.isOver) return;
    this.#emit(...this.#transcript.end());
    this.#state = 'failed';
    this.#endWith(error, { error });
  }

  /** Ends a turn that was stopped; iteration ends normally unless a signal stopped it. */
  interrupt(): void {
    if (this.isOver) return;
    this.#emit(...this.#transcript.end());
    this.#state = 'interrupted';
    const turnId = this.turnId;
    if (turnId !== null) this.#emit({ type: 'turn.interrupted', turnId });
    const { signal } = this.options;
    const reason =
      this.#stopReason ??
      (signal?.aborted === true ? { error: () => signal.reason as unknown } : null);
    const error = reason === null ? this.#interruption() : reason.error();
    this.#endWith(error, reason === null ? {} : { error });
  }

  #endWith(error: unknown, end: { readonly error?: unknown }): void {
    const unknownCode = this.#state === 'failed' ? 'unknown' : 'aborted';
    this.#errorCode = CodexError.is(error) ? error.code : unknownCode;
    this.#reject(error);
    this.stream.end(end);
    this.#over.abort();
  }

  /** Ends the turn for any content of the final message: nothing follows it, so the turn must not wait. */
  #finishSafely(turn: WireTurn): void {
    try {
      this.#finish(turn);
    } catch (cause) {
      const message = `codex-rs reported the end of turn ${turn.id} in a form that this version does not support.`;
      const props = { code: 'malformed-message', retryable: false, cause };
      this.fail(new TransportError(message, props));
    }
  }

  #finish(turn: WireTurn): void {
    this.#emit(...this.#transcript.acceptFinal(turn));
    this.#end = turn;
    switch (turn.status) {
      case 'interrupted':
        this.interrupt();
        return;
      case 'failed':
        this.#finishFailed(turn);
        return;
      case 'completed':
        this.#finishCompleted(turn);
        return;
      default:
        throw new TypeError(`${JSON.stringify(turn.status)} is not a final status of a turn.`);
    }
  }

  #finishCompleted(turn: WireTurn): void {
    const start = this.#start;
    if (start === null) return;
    const { usage, finalResponse, items, commentary } = this.#transcript;
    const read = this.#format?.parse(finalResponse ?? '') ?? { ok: true, value: undefined };
    this.#state = 'completed';
    this.telemetry.said('assistant', finalResponse ?? '');
    this.#emit({ type: 'turn.completed', turnId: turn.id, usage });
    this.stream.end();
    this.#over.abort();
    if (this.#excess !== null) {
      this.#reject(this.#overspending(this.#excess, 'completed'));
      return;
    }
    if (!read.ok) {
      const { problems } = read;
      this.#reject(new OutputValidationError({ turnId: turn.id, text: finalResponse, problems }));
      return;
    }
    this.#resolve(
      Object.freeze({
        threadId: start.threadId,
        turnId: turn.id,
        origin: this.origin,
        status: 'completed' as const,
        finalResponse,
        output: read.value,
        commentary: Object.freeze(commentary),
        items: Object.freeze(items),
        subagentUsage: this.subagents.usage,
        ...this.#soFar.measures,
        continuation: start.continuation,
      }),
    );
  }

  #finishFailed(turn: WireTurn): void {
    const error = this.#transcript.failureOf(turn);
    const failure = new TurnFailedError({
      threadId: this.#start?.threadId ?? '',
      turnId: turn.id,
      error,
      explanation: this.#start?.explain?.(error.message) ?? null,
      ...this.#soFar,
      resetsAt: this.#resetsAt,
    });
    this.#emit({ type: 'turn.failed', turnId: turn.id, error });
    this.fail(failure);
  }

  #interruption(): TurnInterruptedError {
    return new TurnInterruptedError({
      threadId: this.#start?.threadId ?? null,
      turnId: this.turnId,
      ...this.#soFar,
    });
  }

  #overspending(excess: BudgetExcess, status: TurnBudgetError['status']): unknown {
    if (this.#start === null) return this.#interruption();
    const { threadId, turnId, continuation } = this.#start;
    return new TurnBudgetError({
      ...excess,
      threadId,
      turnId,
      status,
      continuation,
      subagentUsage: this.subagents.usage,
      ...this.#soFar,
    });
  }

  get #soFar(): { readonly items: readonly ThreadItem[]; readonly measures: TurnMeasures } {
    const { items, spending } = this.#transcript;
    return { items, measures: measured(this.#end, spending) };
  }

  #emit(...events: readonly TurnEvent[]): void {
    for (const event of events) {
      this.telemetry.emit(event);
      this.stream.push(event);
    }
  }
}
