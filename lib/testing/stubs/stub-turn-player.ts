import type {
  ServerNotification,
  ServerNotifications,
  ThreadItem,
  ThreadTokenUsage,
  Turn as WireTurn,
} from '../../protocol/index.js';
import { ContinuationToken } from '../../record/continuation-token.js';
import { isError } from '../../shapes.js';
import type { TurnEvent } from '../../turn/turn-events.js';
import { TurnFailedError } from '../../turn/turn-failed-error.js';
import { TurnInterruptedError } from '../../turn/turn-interrupted-error.js';
import type { TurnResult } from '../../turn/turn-result.js';
import type { TurnRun } from '../../turn/turn-run.js';
import type { TurnStart } from '../../turn/turn-start.js';
import { added, type TurnUsage } from '../../turn/usage.js';
import type { StubOutcome, StubScript } from './stub-turn.js';
import { stubTurnId, turnResult } from './turn-result-builder.js';

/** Properties of a {@link StubTurnPlayer}. @internal */
export interface StubTurnPlayerProps {
  readonly run: TurnRun;
  /** The number of the turn in the thread, starting at 1. */
  readonly nth: number;
  readonly threadId: string;
  /** The previous usage of the thread. */
  readonly usage: TurnUsage;
}

/**
 * Plays one scripted turn as notifications of codex-rs, so that the library derives events and the result.
 *
 * @internal
 */
export class StubTurnPlayer {
  /** The usage of the thread so far. */
  usage: TurnUsage;
  readonly #props: StubTurnPlayerProps;
  readonly #turnId: string;
  readonly #completed = new Map<string, ThreadItem>();

  constructor(props: StubTurnPlayerProps) {
    this.#props = props;
    this.usage = props.usage;
    this.#turnId = `${stubTurnId.slice(0, -6)}${String(1000 + props.nth).padStart(6, '0')}`;
  }

  /** Begins the turn; returns its token. */
  begin(
    start: Omit<TurnStart, 'threadId' | 'turnId' | 'usageBefore' | 'continuation'>,
  ): ContinuationToken {
    const { run, threadId, usage: usageBefore } = this.#props;
    const turnId = this.#turnId;
    const continuation = ContinuationToken.issue({ threadId, turnId });
    run.begin({ ...start, threadId, turnId, usageBefore, continuation });
    return continuation;
  }

  /** Sends the events, up to the end of the turn. */
  async play(script: StubOutcome | StubScript): Promise<void> {
    if (typeof script !== 'object' || !('events' in script)) {
      this.#end(script);
      return;
    }
    for await (const event of script.events) this.#emit(event);
    this.#end(script.outcome ?? turnResult({ items: [...this.#completed.values()] }));
  }

  #emit(event: TurnEvent): void {
    switch (event.type) {
      case 'thread.started':
      case 'turn.started':
      case 'turn.completed':
      case 'turn.failed':
      case 'turn.interrupted':
        return;
      case 'item.started':
        this.#say('item/started', { item: event.item, startedAtMs: 0 });
        return;
      case 'item.completed':
        this.#complete(event.item);
        return;
      case 'text.delta':
        this.#say('item/agentMessage/delta', { itemId: event.itemId, delta: event.text });
        return;
      default:
        this.#props.run.emit(event);
    }
  }

  #end(outcome: StubOutcome): void {
    const { run } = this.#props;
    if (TurnInterruptedError.is(outcome)) run.interrupt();
    else if (isError(outcome)) {
      if (TurnFailedError.is(outcome))
        run.emit({ type: 'turn.failed', turnId: this.#turnId, error: outcome.turnError });
      run.fail(outcome);
    } else
      this.#succeed(typeof outcome === 'string' ? turnResult({ finalResponse: outcome }) : outcome);
  }

  #succeed(result: TurnResult<unknown>): void {
    for (const item of result.items)
      if (!this.#completed.has(item.id)) {
        this.#emit({ type: 'item.started', item: unfinished(item) });
        if (item.type === 'agentMessage')
          this.#emit({ type: 'text.delta', itemId: item.id, text: item.text, phase: item.phase });
        this.#complete(item);
      }
    this.#spend(result);
    for (const [threadId, usage] of Object.entries(result.subagentUsage))
      this.#props.run.acceptSubagent(
        threadId,
        this.#told('thread/tokenUsage/updated', spent({ ...result, usage, threadUsage: usage })),
      );
    const turn: WireTurn = {
      id: this.#turnId,
      rootTurnId: this.#turnId,
      items: [],
      itemsView: 'notLoaded',
      status: 'completed',
      error: null,
      startedAt: result.startedAt && result.startedAt.getTime() / 1000,
      completedAt: result.completedAt && result.completedAt.getTime() / 1000,
      durationMs: result.durationMs,
    };
    this.#say('turn/completed', { turn });
  }

  #complete(item: ThreadItem): void {
    this.#completed.set(item.id, item);
    this.#say('item/completed', { item, contentTokenCount: null, completedAtMs: 0 });
  }

  #spend(result: TurnResult<unknown>): void {
    const { usage } = result;
    if (usage === null) return;
    this.usage = added(this.usage, usage);
    this.#say('thread/tokenUsage/updated', spent({ ...result, threadUsage: this.usage }));
  }

  #say<M extends Told>(method: M, params: Params<M>): void {
    this.#props.run.accept(this.#told(method, params));
  }

  #told<M extends Told>(method: M, params: Params<M>): ServerNotification {
    const ids = { threadId: this.#props.threadId, turnId: this.#turnId };
    return { method, params: { ...ids, ...params } } as unknown as ServerNotification;
  }
}

type Told = keyof ServerNotifications;
type Params<M extends Told> = Omit<ServerNotifications[M], 'threadId' | 'turnId'>;

function spent(result: TurnResult<unknown>): { readonly tokenUsage: ThreadTokenUsage } {
  const { usage, threadUsage: total, lastRequestUsage, modelContextWindow } = result;
  const last = lastRequestUsage ?? usage;
  return { tokenUsage: { total, last, modelContextWindow } as ThreadTokenUsage };
}

/** The item in its initial state. */
function unfinished(item: ThreadItem): ThreadItem {
  if (item.type === 'agentMessage') return { ...item, text: '' };
  return 'status' in item ? { ...item, status: 'inProgress' } : item;
}
