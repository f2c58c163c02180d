import { CodexError } from '../errors.js';
import type { ServerNotification, ServerRequest } from '../protocol/index.js';
import { timers } from '../timers.js';
import { within } from '../within.js';
import { ApprovalDecision } from './approval-decision.js';
import type { ApprovalHandler } from './approval-handler.js';
import type { ApprovalCause, ApprovalReport } from './approval-report.js';
import { approvalRequestOf, type ApprovalRequest } from './approval-request.js';
import { ProposedChanges } from './proposed-changes.js';

/**
 * Answers the requests of codex-rs, even if the handler fails. It never rejects. Requests without a valid decision are
 * declined and reported.
 *
 * @internal
 */
export class ApprovalDispatcher {
  readonly #observer: ApprovalObserver;
  readonly #changes = new ProposedChanges();

  constructor(observer: ApprovalObserver = {}) {
    this.#observer = observer;
  }

  /** Accepts the notifications about threads, in wire order. They contain the changes that a file change proposes. */
  observe(notification: ServerNotification): void {
    this.#changes.accept(notification);
  }

  /** Returns the result for a request of codex-rs, or undefined for the reply that grants nothing. */
  async answer(request: ServerRequest, context: ApprovalContext): Promise<object | undefined> {
    const startedAt = timers.performance.now();
    const { why, asked, decision, error } = await this.#settle(request, context);
    const report: ApprovalReport = {
      method: request.method,
      kind: asked?.kind ?? null,
      ...originOf(request.params),
      decision: why === 'unsupported' ? null : (decision?.verdict ?? 'deny'),
      reason: decision?.reason ?? null,
      why,
      error,
      waitedMs: timers.performance.now() - startedAt,
    };
    quietly(() => this.#observer.resolved?.(report));
    return decision?.reply;
  }

  async #settle(request: ServerRequest, context: ApprovalContext): Promise<Settlement> {
    let asked: ApprovalRequest | null;
    try {
      asked = approvalRequestOf(request, {
        labels: context.labels,
        signal: context.signal,
        rootThreadId: context.rootThreadId,
        changesOf: (threadId, itemId) => this.#changes.of(threadId, itemId),
      });
    } catch (error) {
      return { why: 'unreadable', error };
    }
    if (asked === null) return { why: 'unsupported' };
    const { handler } = context;
    if (handler === null) return { why: 'no-handler', asked };
    const known = asked;
    quietly(() => this.#observer.requested?.(known));
    return ask(handler, known);
  }
}

/** The handler of an approval request, and the thread it belongs to. @internal */
export interface ApprovalContext {
  /** The nearest handler, or null if none is set. */
  readonly handler: ApprovalHandler | null;
  /** The labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
  /** Aborts when codex-rs stops waiting, or when the turn or the process ends. */
  readonly signal: AbortSignal;
  /** The thread that owns the turn, if it is not the requesting thread. */
  readonly rootThreadId?: string | undefined;
}

/** Observes requests and their outcomes. Errors that it throws are ignored. @internal */
export interface ApprovalObserver {
  /** Called before a handler receives a request. */
  requested?(request: ApprovalRequest): void;
  /** Called after a request is answered. */
  resolved?(report: ApprovalReport): void;
}

interface Settlement {
  readonly why: ApprovalCause;
  readonly asked?: ApprovalRequest;
  readonly decision?: ApprovalDecision;
  readonly error?: unknown;
}

async function ask(handler: ApprovalHandler, asked: ApprovalRequest): Promise<Settlement> {
  const { signal } = asked;
  try {
    // Do not wait for a handler that ignores the signal.
    const decision: unknown = await within(decisionOf(handler, asked), { signal });
    if (!ApprovalDecision.isAbout(asked, decision)) return { why: 'invalid', asked };
    return { why: 'handler', asked, decision };
  } catch (error) {
    if (!signal.aborted) return { why: 'threw', asked, error };
    const isLate = CodexError.is(signal.reason) && signal.reason.code === 'approval-late';
    return { why: isLate ? 'late' : 'withdrawn', asked, error: signal.reason as unknown };
  }
}

/** Turns a synchronous error of a handler into a rejection. */
async function decisionOf(handler: ApprovalHandler, asked: ApprovalRequest): Promise<unknown> {
  return handler.handle(asked);
}

function originOf(params: unknown): Pick<ApprovalReport, 'threadId' | 'turnId' | 'itemId'> {
  const { threadId, turnId, itemId } = (params ?? {}) as Record<string, unknown>;
  return { threadId: text(threadId), turnId: text(turnId), itemId: text(itemId) };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // An error of an observer must not prevent the answer to codex-rs.
  }
}
