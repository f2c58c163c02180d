import { TransportError } from '../errors.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { ServerNotification, Turn } from '../protocol/index.js';
import { timers } from '../timers.js';
import { isOpenEnded, type Reconnection } from './reconnection.js';
import { completionsOf, turnOf } from './turn-notifications.js';
import type { TurnClock } from './turn-clock.js';
import type { TurnConnection } from './turn-connection.js';
import { isTurnOf } from './is-turn-of.js';
import type { TurnRun } from './turn-run.js';

/** How long the end of a finished turn may be in transit, in milliseconds. */
const endMs = 1000;

/** Properties of a {@link TurnRecovery}. */
export interface TurnRecoveryProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  readonly clock: TurnClock;
  readonly reconnection: Reconnection;
  /** codex-rs has accepted the turn. */
  readonly acknowledge: (turnId: string) => void;
  /** Accepts a notification of the turn. */
  readonly take: (notification: ServerNotification) => void;
  readonly connection: TurnConnection;
  /** The turn is lost. */
  readonly fail: (cause: TransportError) => void;
}

/**
 * Continues a turn whose connection was lost while its server kept running: missed items come from the history, the rest
 * over another connection.
 */
export class TurnRecovery {
  readonly #props: TurnRecoveryProps;
  /** The notifications that arrive during the search. */
  #missed: ServerNotification[] | null = null;
  #over: Promise<void> | null = null;
  #wasNeeded = false;

  constructor(props: TurnRecoveryProps) {
    this.#props = props;
  }

  /** Whether the search for the turn is running. */
  get isOngoing(): boolean {
    return this.#over !== null;
  }

  /** Resolves when the turn is found or lost; null without a search. */
  get over(): Promise<void> | null {
    return this.#over;
  }

  /** Whether a connection was lost. */
  get wasNeeded(): boolean {
    return this.#wasNeeded;
  }

  /** Buffers a notification during the search. */
  keep(notification: ServerNotification): boolean {
    this.#missed?.push(notification);
    return this.#missed !== null;
  }

  /** The connection of a turn that codex-rs has acknowledged is lost. */
  begin(cause: TransportError): void {
    this.#over ??= this.#restore(cause);
  }

  /** The connection was lost before codex-rs acknowledged the turn: it continues if it runs or has run. */
  async seek(cause: TransportError): Promise<void> {
    const { run, thread, acknowledge, connection } = this.#props;
    if (!cause.retryable || thread.metadata.isEphemeral) return;
    try {
      const turn = await this.#find();
      if (turn === null) return;
      acknowledge(turn.id);
      this.#catchUp(turn, cause);
      if (!run.isOver) connection.attach(thread.session);
    } catch {
      // Reconciling resolves the outcome.
    } finally {
      this.#missed = null;
    }
  }

  async #restore(cause: TransportError): Promise<void> {
    const { run, thread, clock, fail, connection } = this.#props;
    const lostAt = timers.performance.now();
    run.tear();
    run.emit({ type: 'connection.lost', message: cause.message });
    try {
      const turn = await clock.pausedFor(async () => this.#find());
      run.emit({ type: 'connection.restored', lostMs: timers.performance.now() - lostAt });
      this.#catchUp(turn, cause);
    } catch (error) {
      fail(TransportError.is(error) ? error : cause);
    } finally {
      this.#missed = null;
      this.#over = null;
    }
    if (!run.isOver) connection.attach(thread.session);
  }

  async #find(): Promise<Turn | null> {
    const { run, thread, reconnection } = this.#props;
    this.#wasNeeded = true;
    return reconnection.find(thread, {
      isIt: (turn) => isTurnOf(run, turn),
      signal: run.over,
      before: () => {
        this.#missed = [];
      },
    });
  }

  #catchUp(turn: Turn | null, cause: TransportError): void {
    const { thread, take, fail, run } = this.#props;
    const { threadId, activity } = thread;
    const missed = (this.#missed ?? []).filter((each) => turnOf(each) === run.turnId);
    this.#missed = null;
    const runs = turn === null ? activity.isActive : turn.status === 'inProgress';
    // Without an end time it was never ended: its server is gone.
    if (!runs && (turn === null || isOpenEnded(turn))) {
      fail(cause);
      return;
    }
    const shown = turn === null ? [] : completionsOf(turn.items, { threadId, turnId: turn.id });
    for (const notification of [...shown, ...missed]) take(notification);
    if (runs || turn === null) return;
    const end = { method: 'turn/completed', params: { threadId, turn } } as const;
    // It ended during the search: the notification of its end is in transit.
    if (activity.isActive)
      timers
        .setTimeout(() => {
          take(end);
        }, endMs)
        .unref();
    else take(end);
  }
}
