import { randomUUID } from 'node:crypto';
import { CodexError } from '../errors.js';
import { canonicalId } from '../ids.js';
import { timers } from '../timers.js';
import { within } from '../within.js';
import { ApprovalDecision } from './approval-decision.js';
import { ApprovalHandler, lateError } from './approval-handler.js';
import type { ApprovalRequest } from './approval-request.js';
import { decisionInput, type DecisionInput } from './decision-input.js';

/**
 * Queues requests until they are decided, for example from a user interface, a chat, or another request to the service.
 * The queue is in memory: when the process ends, pending requests are declined.
 *
 * @example
 * ```ts
 * const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
 * const turn = codex.startThread({ approvals }).run('Deploy it');
 *
 * for await (const { id, request } of approvals) {
 *   console.log(request.kind, request.decisions.includes('allow')); // command true
 *   // In a service, a later request contains the id and the decision of a person.
 *   approvals.decide(id, { decision: 'deny', reason: 'not on a Friday' });
 *   break;
 * }
 * console.log((await turn).finalResponse); // I may not deploy it.
 * ```
 */
export class QueuedApprovals extends ApprovalHandler implements AsyncIterable<QueuedApproval> {
  readonly #queue = new Map<string, Entry>();
  readonly #waiting = new Set<() => void>();
  #lastNumber = 0;
  #isClosed = false;

  /**
   * Returns the pending requests, the oldest first; with `threadId`, those of the turns of one thread and its
   * sub-agents. Their `JSON.stringify` output contains everything that a user interface needs.
   */
  pending(filter: QueuedFilter = {}): readonly QueuedApproval[] {
    return [...this.#queue.values()].map(({ queued }) => queued).filter(passing(filter));
  }

  /** Same as {@link QueuedApprovals.pending} without a filter. */
  list(): readonly QueuedApproval[] {
    return this.pending();
  }

  /**
   * Decides a pending request: by JSON such as `{ "decision": "allow" }`, which is validated, or by a function. If the
   * JSON is not valid or the function throws, the request stays pending.
   *
   * @param choice - `decision` is one of the request's `decisions`, `reason` is for telemetry, and `answers` answers
   * questions or fills in a form
   * @throws {@link ValidationError} if the JSON is not a valid decision about this request
   * @throws {@link CodexError} `approval-not-pending` if no request with this id is pending: it was decided, or is no
   * longer needed
   * @throws {@link CodexError} `decision-not-possible` if codex-rs does not honour the decision, or it is about another
   * request
   */
  decide(id: string, choice: QueuedChoice): void {
    const { queued, resolve } = this.#entry(id);
    const decision: unknown = chosen(queued.request, choice);
    if (!ApprovalDecision.isAbout(queued.request, decision))
      throw new CodexError(
        `The function returned no decision for approval ${id}: return a decision of the request, such as request.deny().`,
        { code: 'decision-not-possible' },
      );
    this.#queue.delete(id);
    resolve(decision);
  }

  /**
   * Declines a pending request, as if its time limit had passed.
   *
   * @throws {@link CodexError} `approval-not-pending` if no request with this id is pending
   */
  expire(id: string): void {
    this.#entry(id).queued.request.withdraw(lateError());
  }

  /**
   * Yields pending requests, then new ones, until {@link QueuedApprovals.close}. Requests that are decided before they
   * are read are skipped.
   */
  [Symbol.asyncIterator](): AsyncIterator<QueuedApproval, void> {
    return this.arrivals()[Symbol.asyncIterator]();
  }

  /** Same as iterating the queue itself, for all threads or one. If the signal aborts, the iteration throws its reason. */
  async *arrivals(
    options: QueuedFilter & { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<QueuedApproval, void> {
    const { signal } = options;
    const passes = passing(options);
    let last = 0;
    for (;;) {
      signal?.throwIfAborted();
      const next = [...this.#queue.values()].find(
        ({ number, queued }) => number > last && passes(queued),
      );
      if (next !== undefined) {
        last = next.number;
        yield next.queued;
      } else if (this.#isClosed) return;
      else await this.#news(signal);
    }
  }

  /** Declines pending and future requests, and ends the iterations. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const { queued } of [...this.#queue.values()]) queued.request.withdraw(lateError());
    this.#wake();
  }

  /** Same as {@link QueuedApprovals.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  protected override async judge(request: ApprovalRequest): Promise<ApprovalDecision> {
    if (this.#isClosed) return request.deny('The approval queue is closed.');
    const { signal } = request;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const id = randomUUID();
      const queued = Object.freeze({ id, request, queuedAtMs: timers.Date.now() });
      this.#queue.set(id, { queued, resolve, number: ++this.#lastNumber });
      const leave = (): void => {
        this.#queue.delete(id);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#wake();
    });
  }

  #entry(id: string): Entry {
    const entry = this.#queue.get(id);
    if (entry !== undefined) return entry;
    throw new CodexError(
      `Approval ${id} is not pending: it was decided, it expired, or its turn ended.`,
      { code: 'approval-not-pending' },
    );
  }

  async #news(signal: AbortSignal | undefined): Promise<void> {
    const news = new Promise<void>((resolve) => this.#waiting.add(resolve));
    await within(news, { signal });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** A pending request of a {@link QueuedApprovals}. */
export interface QueuedApproval {
  /** The id to pass to {@link QueuedApprovals.decide}. */
  readonly id: string;
  /** The request. */
  readonly request: ApprovalRequest;
  /** When it was queued, in milliseconds since the epoch. */
  readonly queuedAtMs: number;
}

/** A decision as JSON, which is validated, or a function that creates one. @inline */
export type QueuedChoice =
  | DecisionInput
  | Readonly<Record<string, unknown>>
  | ((request: ApprovalRequest) => ApprovalDecision);

/** A filter for the requests of a {@link QueuedApprovals}. @inline */
export interface QueuedFilter {
  /**
   * The thread whose turns or sub-agents send the requests. Null represents a thread without an id, which has no
   * requests. Absent: all threads.
   */
  readonly threadId?: string | null;
}

interface Entry {
  readonly queued: QueuedApproval;
  readonly resolve: (decision: ApprovalDecision) => void;
  readonly number: number;
}

function passing({ threadId }: QueuedFilter): (queued: QueuedApproval) => boolean {
  if (threadId === undefined) return () => true;
  const wanted = threadId === null ? null : canonicalId(threadId);
  return ({ request }) => request.threadId === wanted || request.rootThreadId === wanted;
}

function chosen(request: ApprovalRequest, choice: QueuedChoice): unknown {
  if (typeof choice === 'function') return choice(request);
  const { decision, ...details } = decisionInput(choice);
  return request.decide(decision, details);
}
