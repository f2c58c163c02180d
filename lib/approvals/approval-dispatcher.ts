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
 * Gets an answer to what codex-rs asks, whatever the handler does: it never rejects, and what is not clearly decided is
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

  /** Takes in what codex-rs tells about its threads, in wire order: it says what a file change would change. */
  observe(notification: ServerNotification): void {
    this.#changes.accept(notification);
  }

  /** The result for a request of codex-rs, or undefined when it is to get the reply that grants nothing. */
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

/** Who decides, and for whom. @internal */
export interface ApprovalContext {
  /** The nearest handler, or null when none is set. */
  readonly handler: ApprovalHandler | null;
  /** The labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
  /** Aborts when codex-rs does not wait any more, or the turn or the process ends. */
  readonly signal: AbortSignal;
  /** The thread whose turn it is for, if that is not the one that asks. */
  readonly rootThreadId?: string | undefined;
}

/** Is told what is asked and what became of it. What it throws is ignored. @internal */
export interface ApprovalObserver {
  /** A handler is about to be asked. */
  requested?(request: ApprovalRequest): void;
  /** A request has got its answer. */
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
    // Who takes no notice of the signal is not waited for.
    const decision: unknown = await within(decisionOf(handler, asked), { signal });
    if (!ApprovalDecision.isAbout(asked, decision)) return { why: 'invalid', asked };
    return { why: 'handler', asked, decision };
  } catch (error) {
    if (!signal.aborted) return { why: 'threw', asked, error };
    const isLate = CodexError.is(signal.reason) && signal.reason.code === 'approval-late';
    return { why: isLate ? 'late' : 'withdrawn', asked, error: signal.reason as unknown };
  }
}

/** What a handler throws before it returns a promise is a rejection, too. */
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
    // An observer's error is its owner's: codex-rs still gets its answer.
  }
}
