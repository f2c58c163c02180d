import type { AppServerSession } from '../wire/app-server-session.js';
import { threadIdOf } from '../wire/notification-router.js';
import type { ServerNotification } from '../protocol/index.js';
import { reportProblem } from '../telemetry/report-problem.js';

/**
 * The maximum number of early notifications kept for one turn. A sub-agent's thread sends two or three before it is
 * identified.
 */
const earlyLimit = 500;

/** Properties of {@link SubagentThreads}. */
export interface SubagentThreadsProps {
  /** The thread of the turn itself. */
  readonly threadId: string;
  /** The turn's id, or null before it has one. */
  readonly turnId: () => string | null;
  readonly accept: (threadId: string, notification: ServerNotification) => void;
}

/**
 * The threads of one turn's sub-agents. Their notifications arrive before an item of the turn names them, so unclaimed
 * notifications are buffered until their owner is known, and delivered in order.
 */
export class SubagentThreads {
  readonly #props: SubagentThreadsProps;
  readonly #followed = new Map<string, () => void>();
  readonly #early = new Map<string, ServerNotification[]>();
  /** Other active threads, which do not belong to this turn. */
  readonly #foreign = new Set<string>();
  #session: AppServerSession | null = null;
  #earlyCount = 0;
  #lostCount = 0;
  #unlisten: () => void = () => undefined;

  constructor(props: SubagentThreadsProps) {
    this.#props = props;
  }

  /** Whether a thread belongs to a sub-agent. */
  has(threadId: string): boolean {
    return this.#followed.has(threadId);
  }

  /**
   * Starts buffering the unclaimed notifications of this connection, and resumes the followed threads: codex-rs sends a
   * thread's notifications and requests to a new connection only once it has resumed the thread.
   */
  listen(session: AppServerSession): void {
    this.#unlisten();
    for (const unfollow of this.#followed.values()) unfollow();
    this.#session = session;
    for (const threadId of this.#followed.keys()) {
      this.#followed.set(threadId, this.#hear(threadId));
      this.#join(threadId, session);
    }
    this.#unlisten = session.onUnclaimed((notification) => {
      const threadId = threadIdOf(notification);
      if (threadId !== null) this.#keep(threadId, notification);
    });
  }

  /** Identifies a thread as a sub-agent: delivers its buffered notifications, and all later ones. */
  follow(threadId: string): void {
    const { threadId: own, accept } = this.#props;
    if (threadId === own || this.#followed.has(threadId)) return;
    this.#followed.set(threadId, this.#hear(threadId));
    for (const notification of this.#forget(threadId)) accept(threadId, notification);
    this.#session?.askAgain();
  }

  /** The turn is over: stops following threads and discards unclaimed notifications. */
  close(): void {
    this.#unlisten();
    for (const unfollow of this.#followed.values()) unfollow();
    for (const [threadId, early] of this.#early)
      if (early.some(({ method }) => method === 'turn/started'))
        reportProblem(
          threadId,
          'sub-agents',
          `The thread ran a turn that was not started by a known turn. Dropped notifications: ${early.length}.`,
        );
    if (this.#lostCount > 0)
      reportProblem(
        this.#props.threadId,
        'sub-agents',
        `Too many notifications of unknown threads arrived. Dropped notifications: ${this.#lostCount}.`,
      );
    this.#early.clear();
  }

  #join(threadId: string, session: AppServerSession): void {
    session.request('thread/resume', { threadId }).catch((error: unknown) => {
      reportProblem(threadId, 'sub-agents', error);
    });
  }

  #hear(threadId: string): () => void {
    const { accept } = this.#props;
    const listener = (notification: ServerNotification): void => {
      accept(threadId, notification);
    };
    return this.#session?.onThread(threadId, listener) ?? ((): void => undefined);
  }

  #keep(threadId: string, notification: ServerNotification): void {
    if (notification.method === 'thread/closed') this.#forget(threadId);
    if (notification.method === 'thread/closed' || this.#foreign.has(threadId)) return;
    const root = rootOf(notification);
    const early = this.#early.get(threadId) ?? [];
    if (root === this.#props.turnId() && root !== null) {
      this.follow(threadId);
      this.#props.accept(threadId, notification);
    } else if (root !== null || isMidTurn(notification, early)) {
      this.#foreign.add(threadId);
      this.#forget(threadId);
    } else if (this.#earlyCount < earlyLimit) {
      early.push(notification);
      this.#early.set(threadId, early);
      this.#earlyCount += 1;
    } else this.#lostCount += 1;
  }

  #forget(threadId: string): readonly ServerNotification[] {
    const early = this.#early.get(threadId) ?? [];
    this.#early.delete(threadId);
    this.#earlyCount -= early.length;
    return early;
  }
}

/** The root turn of a turn: for a sub-agent's turn, the user's turn. */
function rootOf({ method, params }: ServerNotification): string | null {
  if (method !== 'turn/started') return null;
  const { turn } = params as { turn?: { rootTurnId?: unknown } };
  return typeof turn?.rootTurnId === 'string' ? turn.rootTurnId : null;
}

/**
 * A new sub-agent's first turn begins with `turn/started`: a thread first seen in the middle of a turn existed before this
 * turn.
 */
function isMidTurn({ params }: ServerNotification, early: readonly ServerNotification[]): boolean {
  if (typeof (params as { turnId?: unknown }).turnId !== 'string') return false;
  return !early.some(({ method }) => method === 'turn/started');
}
