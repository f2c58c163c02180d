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
 * Keeps requests until somebody decides them: from a user interface, a chat, another request to the service. In memory, so
 * what waits is declined when the process ends.
 *
 * @example
 * ```ts
 * const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
 * const turn = codex.startThread({ approvals }).run('Deploy it');
 *
 * for await (const { id, request } of approvals) {
 *   console.log(request.kind, request.decisions.includes('allow')); // command true
 *   // In a service the id comes back later, with the decision of a person.
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
   * The requests that wait, the oldest first; with `threadId` those of the turns of one thread, its sub-agents included.
   * `JSON.stringify` gives all that a user interface needs.
   */
  pending(filter: QueuedFilter = {}): readonly QueuedApproval[] {
    return [...this.#queue.values()].map(({ queued }) => queued).filter(passing(filter));
  }

  /** The same as {@link QueuedApprovals.pending} without a filter. */
  list(): readonly QueuedApproval[] {
    return this.pending();
  }

  /**
   * Decides a request that waits: by JSON such as `{ "decision": "allow" }`, which is checked, or by a function. When anything
   * is wrong with it, or the function throws, nothing is decided and the request waits on.
   *
   * @param choice - `decision` is one of the request's `decisions`, `reason` says why, and `answers` answers questions or fills in a
   * form
   * @throws {@link ValidationError} for JSON that cannot be a decision about this request
   * @throws {@link CodexError} `approval-not-pending` when no request of this id waits: it was decided, or is of no use any more
   * @throws {@link CodexError} `decision-not-possible` when codex-rs does not honour the decision, or it is about another request
   */
  decide(id: string, choice: QueuedChoice): void {
    const { queued, resolve } = this.#entry(id);
    const decision: unknown = chosen(queued.request, choice);
    if (!ApprovalDecision.isAbout(queued.request, decision))
      throw new CodexError(
        `The function gave no decision about approval ${id}: return one that the request made, such as request.deny().`,
        { code: 'decision-not-possible' },
      );
    this.#queue.delete(id);
    resolve(decision);
  }

  /**
   * Declines a request that waits, as if its time were up.
   *
   * @throws {@link CodexError} `approval-not-pending` when no request of this id waits
   */
  expire(id: string): void {
    this.#entry(id).queued.request.withdraw(lateError());
  }

  /** What waits now, then whatever comes, until {@link QueuedApprovals.close}. What was decided before it is read is left out. */
  [Symbol.asyncIterator](): AsyncIterator<QueuedApproval, void> {
    return this.arrivals()[Symbol.asyncIterator]();
  }

  /**
   * The same as iterating the queue itself, for all threads or one, with a signal that ends the wait: the iteration then throws
   * its reason.
   */
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

  /** Declines what waits and all that comes later, and ends the iterations. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const { queued } of [...this.#queue.values()]) queued.request.withdraw(lateError());
    this.#wake();
  }

  /** The same as {@link QueuedApprovals.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  protected override async judge(request: ApprovalRequest): Promise<ApprovalDecision> {
    if (this.#isClosed) return request.deny('The queue of approvals is closed.');
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
      `No approval ${id} waits for a decision: it was decided, it expired, or its turn is over.`,
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

/** A request that waits in a {@link QueuedApprovals}. */
export interface QueuedApproval {
  /** What to pass to {@link QueuedApprovals.decide}. */
  readonly id: string;
  /** What is asked. */
  readonly request: ApprovalRequest;
  /** Since when it waits, in milliseconds since the epoch. */
  readonly queuedAtMs: number;
}

/** A decision as JSON, which is checked, or a function that makes one. @inline */
export type QueuedChoice =
  | DecisionInput
  | Readonly<Record<string, unknown>>
  | ((request: ApprovalRequest) => ApprovalDecision);

/** Whose requests of a {@link QueuedApprovals} are wanted. @inline */
export interface QueuedFilter {
  /** The thread whose turns ask, or whose sub-agents do; null for one without an id yet, which asks nothing. Without it, all. */
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
