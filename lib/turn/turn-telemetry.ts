import { AsyncResource } from 'node:async_hooks';
import type { ThreadItem, UserInput } from '../protocol/index.js';
import { telemetry, type ItemMessage, type TurnStartMessage } from '../telemetry/telemetry.js';
import type { TurnEvent } from './turn-events.js';
import type { TurnUsage } from './usage.js';

type TurnIds = Pick<TurnStartMessage, 'threadId' | 'turnId'>;

/** How a turn ended. */
export interface TurnEnding {
  readonly status: string;
  readonly errorCode: string | null;
  readonly usage: TurnUsage | null;
}

/** Tells of one turn, in the asynchronous context of whoever asked for it. */
export class TurnTelemetry {
  // What codex-rs sends arrives in the context of whoever started the process, who may be another caller.
  readonly #scope: AsyncResource = new AsyncResource('codex.turn');
  #ids: TurnIds | null = null;
  #beganAt: number | null = null;

  /** Does work in the asynchronous context of whoever asked for the turn. */
  within<T>(work: () => T): T {
    return this.#scope.runInAsyncScope(work);
  }

  /** codex-rs has accepted the turn. */
  begin(start: TurnStartMessage, input: readonly UserInput[]): void {
    const { threadId, turnId, labels, model, modelProvider } = start;
    this.#ids = { threadId, turnId };
    this.#beganAt = performance.now();
    this.within(() => {
      telemetry.turnStart.publish(() => ({ threadId, turnId, labels, model, modelProvider }));
    });
    for (const part of input) if (part.type === 'text') this.said('user', part.text);
  }

  /** Something was said to the model or by it. */
  said(role: 'user' | 'assistant', text: string): void {
    const ids = this.#ids;
    if (ids === null || text === '') return;
    this.within(() => {
      telemetry.turnContent.publish(() => ({ ...ids, role, text }));
    });
  }

  /** Tells of an event, if it is one to tell of. */
  tell(event: TurnEvent): void {
    const ids = this.#ids;
    if (ids === null) return;
    if (event.type === 'item.started')
      this.within(() => {
        telemetry.itemStart.publish(() => itemMessage(ids, event.item));
      });
    else if (event.type === 'item.completed')
      this.within(() => {
        telemetry.itemEnd.publish(() => itemMessage(ids, event.item));
      });
    else if (event.type === 'turn.retrying')
      this.within(() => {
        telemetry.turnRetry.publish(() => ({ ...ids, message: event.message }));
      });
  }

  /** The turn is over, or will never begin. */
  end({ status, errorCode, usage }: TurnEnding): void {
    const durationMs = this.#beganAt === null ? null : performance.now() - this.#beganAt;
    this.within(() => {
      telemetry.turnEnd.publish(() => ({
        threadId: this.#ids?.threadId ?? null,
        turnId: this.#ids?.turnId ?? null,
        status,
        errorCode,
        totalTokens: usage?.totalTokens ?? null,
        inputTokens: usage?.inputTokens ?? null,
        cachedInputTokens: usage?.cachedInputTokens ?? null,
        outputTokens: usage?.outputTokens ?? null,
        durationMs,
      }));
    });
  }
}

function itemMessage(ids: TurnIds, item: ThreadItem): ItemMessage {
  const status = 'status' in item ? (item as { status: unknown }).status : null;
  return {
    ...ids,
    itemId: item.id,
    itemType: item.type,
    status: typeof status === 'string' ? status : null,
  };
}
