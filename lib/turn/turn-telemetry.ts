import { AsyncResource } from 'node:async_hooks';
import type { ThreadItem, TurnError, UserInput } from '../protocol/index.js';
import type { TelemetryChannel } from '../telemetry/telemetry-channel.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { ItemMessage, TurnSendMessage, TurnStartMessage } from '../telemetry/turn-messages.js';
import { timers } from '../timers.js';
import type { TurnEvent } from './turn-events.js';
import type { TurnUsage } from './usage.js';

type TurnIds = Pick<TurnStartMessage, 'threadId' | 'turnId'>;

/** The end of a turn. */
export interface TurnEnding {
  readonly status: string;
  readonly errorCode: string | null;
  readonly usage: TurnUsage | null;
}

/** Publishes the telemetry of one turn, in the asynchronous context of its caller. */
export class TurnTelemetry {
  /** Whether the next retry is reported by a warning of the process: the events of the turn have no reader. */
  warnsOfRetry = false;
  // Messages of codex-rs arrive in the context of the caller that started the process, possibly another one.
  readonly #scope: AsyncResource = new AsyncResource('codex.turn');
  readonly #clientMessageId: string;
  #ids: TurnIds | null = null;
  #beganAt: number | null = null;

  constructor(clientMessageId: string) {
    this.#clientMessageId = clientMessageId;
  }

  /** Runs work in the asynchronous context of the turn's caller. */
  within<T>(work: () => T): T {
    return this.#scope.runInAsyncScope(work);
  }

  /** Publishes that the turn will be sent next. */
  send(make: () => Omit<TurnSendMessage, 'clientMessageId'>): void {
    const clientMessageId = this.#clientMessageId;
    this.#publish(telemetry.turnSend, () => ({ ...make(), clientMessageId }));
  }

  /** codex-rs has accepted the turn. */
  begin(start: Omit<TurnStartMessage, 'clientMessageId'>, input: readonly UserInput[]): void {
    const { threadId, turnId, labels, model, modelProvider } = start;
    const clientMessageId = this.#clientMessageId;
    this.#ids = { threadId, turnId };
    this.#beganAt = timers.performance.now();
    this.#publish(telemetry.turnStart, () => ({
      threadId,
      turnId,
      clientMessageId,
      labels,
      model,
      modelProvider,
    }));
    for (const part of input) if (part.type === 'text') this.said('user', part.text);
  }

  /** Publishes a message to or from the model. */
  said(role: 'user' | 'assistant', text: string): void {
    const ids = this.#ids;
    if (ids === null || text === '') return;
    this.#publish(telemetry.turnContent, () => ({ ...ids, role, text }));
  }

  /** Publishes an event if it has a channel. */
  emit(event: TurnEvent): void {
    const ids = this.#ids;
    if (ids === null) return;
    switch (event.type) {
      case 'item.started':
        this.#publish(telemetry.itemStart, () => itemMessage(ids, event.item));
        return;
      case 'item.completed':
        this.#publish(telemetry.itemEnd, () => itemMessage(ids, event.item));
        return;
      case 'turn.retrying':
        this.#publish(telemetry.turnRetry, () => ({ ...ids, message: event.message }));
        this.#warnOfRetry(ids, event.error);
        return;
      case 'unknown':
        this.#publish(telemetry.turnUnknown, () => ({ ...ids, method: event.method }));
        return;
      default:
      // The others are published with their turn or their item.
    }
  }

  /** The turn has ended, or will never begin. */
  end({ status, errorCode, usage }: TurnEnding): void {
    const durationMs = this.#beganAt === null ? null : timers.performance.now() - this.#beganAt;
    this.#publish(telemetry.turnEnd, () => ({
      threadId: this.#ids?.threadId ?? null,
      turnId: this.#ids?.turnId ?? null,
      clientMessageId: this.#clientMessageId,
      status,
      errorCode,
      totalTokens: usage?.totalTokens ?? null,
      inputTokens: usage?.inputTokens ?? null,
      cachedInputTokens: usage?.cachedInputTokens ?? null,
      cacheWriteInputTokens: usage?.cacheWriteInputTokens ?? null,
      outputTokens: usage?.outputTokens ?? null,
      reasoningOutputTokens: usage?.reasoningOutputTokens ?? null,
      durationMs,
    }));
  }

  /** Warns once: without a reader or a subscriber, the caller would wait for half a minute without knowing why. */
  #warnOfRetry({ threadId }: TurnIds, { message, additionalDetails }: TurnError): void {
    if (!this.warnsOfRetry || telemetry.turnRetry.isHeard) return;
    this.warnsOfRetry = false;
    const details = additionalDetails === null ? '' : ` (${additionalDetails})`;
    process.emitWarning(
      `The model provider failed a turn of thread ${threadId}, and codex-rs retries: ${message}${details}. ` +
        'Subscribe to telemetry.turnRetry to handle retries instead of this warning.',
      { type: 'CodexWarning', code: 'CODEX_TURN_RETRY' },
    );
  }

  /** Without a subscriber it costs nothing: not even the change of context. */
  #publish<T extends object>(channel: TelemetryChannel<T>, make: () => T): void {
    if (channel.isHeard)
      this.within(() => {
        channel.publish(make);
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
