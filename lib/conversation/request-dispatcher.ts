import type { AppServerSession } from '../wire/app-server-session.js';
import { ApprovalDispatcher } from '../approvals/approval-dispatcher.js';
import type { ApprovalHandler } from '../approvals/approval-handler.js';
import type { ServerRequest } from '../protocol/index.js';
import { telemetry } from '../telemetry/telemetry.js';
import { notOurs } from '../wire/server-request-dispatcher.js';
import type { LiveThread } from './live-thread.js';
import type { Exchange } from '../turn/exchange.js';
import { ThreadTools } from '../turn/thread-tools.js';

/** Properties of a {@link RequestDispatcher}. */
export interface RequestDispatcherProps {
  /** The thread in this client, or for a sub-agent the thread whose turn started it. */
  readonly find: (threadId: string) => LiveThread | undefined;
  /** The client's own handler, called if neither the turn nor the thread has one. */
  readonly approvals: ApprovalHandler | null;
}

/** Routes each request of codex-rs to its turn: approvals to the nearest handler, tool calls to the thread's tools. */
export class RequestDispatcher {
  readonly #props: RequestDispatcherProps;
  readonly #dispatcher: ApprovalDispatcher;

  constructor(props: RequestDispatcherProps) {
    this.#props = props;
    this.#dispatcher = new ApprovalDispatcher({
      requested: (request) => {
        this.#exchange(request.threadId)?.run.emit({ type: 'approval.requested', request });
      },
      resolved: (report) => {
        const { method, threadId, turnId, itemId, decision, reason, why, waitedMs } = report;
        const run = this.#exchange(threadId)?.run;
        const tell = (): void => {
          // The error of a handler is left out: it may contain secrets.
          telemetry.approval.publish(() => ({
            method,
            threadId,
            turnId,
            itemId,
            decision,
            reason,
            why,
            waitedMs,
          }));
        };
        if (run === undefined) tell();
        else run.telemetry.within(tell);
        run?.emit({ type: 'approval.resolved', report });
      },
    });
  }

  /** Answers the requests of a new session from now on. */
  serve(session: AppServerSession): void {
    session.onNotification((notification) => {
      this.#dispatcher.observe(notification);
    });
    session.answerWith(async (request, { signal }) => {
      const exchange = this.#exchange(threadOf(request));
      if (exchange === null && isOfAnother(request, session)) return notOurs;
      if (exchange === null) return this.#answer(request, signal);
      return exchange.asked.answer(request.id, signal, async (unbroken) =>
        this.#answer(request, unbroken),
      );
    });
  }

  /** Undefined means the reply that denies. */
  async #answer(request: ServerRequest, signal: AbortSignal): Promise<unknown> {
    const threadId = threadOf(request);
    const exchange = this.#exchange(threadId);
    const within = <T>(work: () => T): T =>
      exchange === null ? work() : exchange.run.telemetry.within(work);
    const context = {
      labels: exchange?.options.labels.toJSON() ?? {},
      // codex-rs does not report that it stopped waiting when the turn ends.
      signal: exchange === null ? signal : AbortSignal.any([signal, exchange.run.over]),
    };
    if (request.method === 'item/tool/call') {
      const { params } = request;
      const { threadId: thread, turnId } = params;
      const tools =
        exchange?.tools ?? this.#props.find(thread)?.description.tools ?? new ThreadTools([]);
      return within(async () => tools.call(params, { ...context, threadId: thread, turnId }));
    }
    // The current time needs no approval.
    if (request.method === 'currentTime/read') return undefined;
    const handler =
      exchange?.run.options.approvals ?? exchange?.options.approvals ?? this.#props.approvals;
    const root = (threadId === null ? null : this.#props.find(threadId)?.threadId) ?? undefined;
    const answer = async (): Promise<object | undefined> =>
      within(async () =>
        this.#dispatcher.answer(request, { ...context, handler, rootThreadId: root }),
      );
    return exchange === null ? answer() : exchange.waitingFor(answer);
  }

  #exchange(threadId: string | null): Exchange | null {
    return threadId === null ? null : (this.#props.find(threadId)?.exchange ?? null);
  }
}

/**
 * Whether it concerns a turn of another client of the server. codex-rs asks every connection that has the thread loaded
 * (for a sub-agent, every connection) and uses the first answer.
 */
function isOfAnother({ params }: ServerRequest, session: AppServerSession): boolean {
  const { turnId } = params as { turnId?: unknown };
  return session.ownership !== 'own' && typeof turnId === 'string' && !session.hasStarted(turnId);
}

function threadOf({ params }: ServerRequest): string | null {
  const { threadId } = params as { threadId?: unknown };
  return typeof threadId === 'string' ? threadId : null;
}
