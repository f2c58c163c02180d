import type {
  MessagePhase,
  ServerNotification,
  ThreadItem,
  Turn,
  TurnError,
} from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import { CommandOutput } from './command-output.js';
import { commentaryIn, finalResponseIn, type AgentMessage } from './final-response.js';
import type { TurnEvent, TurnEvents } from './turn-events.js';
import type { TurnSpending } from './turn-measures.js';
import { UsageMeter, type TurnUsage } from './usage.js';

/** Converts the notifications of one turn to events, and collects the content of its result. */
export class TurnTranscript {
  readonly #meter: UsageMeter;
  readonly #redactor: Redactor;
  readonly #phases = new Map<string, MessagePhase | null>();
  readonly #texts = new Map<string, string>();
  readonly #reasoning = new Map<string, string>();
  readonly #outputs = new Map<string, CommandOutput>();
  readonly #emit: (event: TurnEvent) => void;
  readonly #completed: ThreadItem[] = [];
  readonly #startedIds = new Set<string>();
  /** The different causes of the retries. */
  readonly #retryDetails = new Set<string>();
  readonly #completedIds = new Set<string>();
  /** The items that began after a gap; null before there was one. */
  #whole: Set<string> | null = null;

  /**
   * @param usageBefore - the thread's total before the turn, or null if unknown
   * @param emit - receives the events that are not caused by a notification
   */
  constructor(
    usageBefore: TurnUsage | null,
    redactor: Redactor,
    emit: (event: TurnEvent) => void = () => undefined,
  ) {
    this.#meter = new UsageMeter(usageBefore);
    this.#redactor = redactor;
    this.#emit = emit;
  }

  /** The completed items, in the order in which they completed. */
  get items(): readonly ThreadItem[] {
    return [...this.#completed];
  }

  /** The usage of the turn so far, or null before the first report. */
  get usage(): TurnUsage | null {
    return this.#meter.turn;
  }

  /** The usage so far. */
  get spending(): TurnSpending {
    const { turn, thread, lastRequest, contextWindow } = this.#meter;
    return {
      usage: turn,
      threadUsage: thread,
      lastRequestUsage: lastRequest,
      modelContextWindow: contextWindow,
    };
  }

  /** The last final answer, else the last message without a phase, else null. */
  get finalResponse(): string | null {
    return finalResponseIn(this.#completed);
  }

  /** The text of the commentary messages. */
  get commentary(): readonly string[] {
    return commentaryIn(this.#completed);
  }

  /** The events for one notification of this turn. */
  accept(notification: ServerNotification): TurnEvent[] {
    switch (notification.method) {
      case 'turn/started':
        return [];
      case 'item/started':
        return this.#begin(notification.params.item);
      case 'item/completed':
        return this.#complete(notification.params.item);
      case 'item/agentMessage/delta':
        return this.#isTorn(notification.params.itemId)
          ? []
          : this.#appendText(notification.params.itemId, notification.params.delta);
      case 'item/reasoning/summaryTextDelta': {
        const { itemId, delta: text, summaryIndex: index } = notification.params;
        return this.#streamReasoning({ itemId, text, part: 'summary', index });
      }
      case 'item/reasoning/textDelta': {
        const { itemId, delta: text, contentIndex: index } = notification.params;
        return this.#streamReasoning({ itemId, text, part: 'content', index });
      }
      case 'item/reasoning/summaryPartAdded':
        return [];
      case 'item/commandExecution/outputDelta':
        return this.#appendOutput(notification.params.itemId, notification.params.delta);
      case 'turn/diff/updated':
        return [{ type: 'turn.diff', diff: notification.params.diff }];
      case 'turn/plan/updated': {
        const { explanation, plan } = notification.params;
        return [{ type: 'plan.updated', explanation, plan }];
      }
      case 'thread/tokenUsage/updated':
        return this.#meter.accept(notification.params.tokenUsage) ? this.#usageEvent() : [];
      case 'error':
        return notification.params.willRetry ? this.#retrying(notification.params.error) : [];
      default:
        return [{ type: 'unknown', method: notification.method, params: notification.params }];
    }
  }

  /** Notifications were lost: deltas of items already begun have a gap. Their content is delivered when they complete. */
  tear(): void {
    this.#whole = new Set();
  }

  /** The events of items that only the final `turn/completed` contains, and of held output. */
  acceptFinal(turn: Turn): TurnEvent[] {
    const events = turn.items
      .filter(({ id }) => !this.#completedIds.has(id))
      .flatMap((item) => this.#complete(item));
    events.push(...this.end());
    return turn.status === 'completed' ? [...events, ...this.#retract()] : events;
  }

  /** The events of held output when the turn ends. */
  end(): TurnEvent[] {
    const outputs = [...this.#outputs.values()];
    this.#outputs.clear();
    return outputs.flatMap((output) => output.release());
  }

  /** Why a turn failed, without secrets. codex-rs reports the cause of a lost connection only with its retries. */
  failureOf(turn: Turn): TurnError {
    const error = turn.error ?? {
      message: 'codex-rs reported no reason',
      codexErrorInfo: null,
      additionalDetails: null,
      misalignment: null,
    };
    const cause = [...this.#retryDetails].findLast((details) => !error.message.includes(details));
    return this.#clean({ ...error, additionalDetails: error.additionalDetails ?? cause ?? null });
  }

  #retrying(given: TurnError): TurnEvent[] {
    const error = this.#clean(given);
    if (error.additionalDetails !== null) this.#retryDetails.add(error.additionalDetails);
    return [...this.#retract(), { type: 'turn.retrying', message: error.message, error }];
  }

  /** Retracts the partly streamed messages: the model starts again, and they are not in the history. */
  #retract(): TurnEvent[] {
    const partial = [...this.#texts].filter(
      ([itemId, text]) => text !== '' && !this.#completedIds.has(itemId),
    );
    return partial.map(([itemId]) => {
      this.#texts.set(itemId, '');
      return { type: 'text.replaced', itemId, text: '', phase: this.#phases.get(itemId) ?? null };
    });
  }

  #clean(error: TurnError): TurnError {
    return this.#redactor.redactValue(error) as TurnError;
  }

  #begin(item: ThreadItem): TurnEvent[] {
    if (this.#startedIds.has(item.id)) return [];
    // It was delivered with the missed items.
    if (this.#whole !== null && this.#completedIds.has(item.id)) return [];
    this.#whole?.add(item.id);
    this.#startedIds.add(item.id);
    if (item.type === 'agentMessage') this.#phases.set(item.id, item.phase);
    // Steering input cuts off the model's current message.
    const events: TurnEvent[] = item.type === 'userMessage' ? this.#retract() : [];
    events.push({ type: 'item.started', item });
    if (item.type === 'agentMessage' && item.text !== '')
      events.push(...this.#appendText(item.id, item.text));
    return events;
  }

  #appendText(itemId: string, text: string): TurnEvent[] {
    // The completed item already contains later deltas.
    if (text === '' || this.#completedIds.has(itemId)) return [];
    this.#texts.set(itemId, (this.#texts.get(itemId) ?? '') + text);
    return [{ type: 'text.delta', itemId, text, phase: this.#phases.get(itemId) ?? null }];
  }

  #streamReasoning(piece: Omit<ReasoningDelta, 'type'>): TurnEvent[] {
    return this.#isTorn(piece.itemId) ? [] : this.#appendReasoning(piece);
  }

  #appendReasoning(piece: Omit<ReasoningDelta, 'type'>): TurnEvent[] {
    if (piece.text === '' || this.#completedIds.has(piece.itemId)) return [];
    const key = placeOf(piece);
    this.#reasoning.set(key, (this.#reasoning.get(key) ?? '') + piece.text);
    return [{ type: 'reasoning.delta', ...piece }];
  }

  #appendOutput(itemId: string, text: string): TurnEvent[] {
    // The completed item already contains later deltas.
    return this.#completedIds.has(itemId) || this.#isTorn(itemId)
      ? []
      : this.#outputOf(itemId).add(text);
  }

  #isTorn(itemId: string): boolean {
    return this.#whole?.has(itemId) === false;
  }

  #outputOf(itemId: string): CommandOutput {
    const output = this.#outputs.get(itemId) ?? new CommandOutput(itemId, this.#emit);
    this.#outputs.set(itemId, output);
    return output;
  }

  #complete(item: ThreadItem): TurnEvent[] {
    if (this.#completedIds.has(item.id)) {
      if (!this.#isAnotherMessage(item)) return [];
      this.#texts.delete(item.id);
    }
    const events = this.#settle(item);
    this.#completedIds.add(item.id);
    this.#completed.push(item);
    events.push({ type: 'item.completed', item });
    return events;
  }

  /** Some providers use one id for all their messages: another text is another message. */
  #isAnotherMessage(item: ThreadItem): boolean {
    const told = this.#completed.findLast(({ id }) => id === item.id);
    return item.type === 'agentMessage' && told?.type === 'agentMessage' && told.text !== item.text;
  }

  #settle(item: ThreadItem): TurnEvent[] {
    switch (item.type) {
      case 'agentMessage':
        return this.#settleText(item);
      case 'reasoning':
        return [
          ...this.#settleReasoning(item.id, 'summary', item.summary),
          ...this.#settleReasoning(item.id, 'content', item.content),
        ];
      case 'commandExecution': {
        const events = this.#outputOf(item.id).complete(item.aggregatedOutput);
        this.#outputs.delete(item.id);
        return events;
      }
      default:
        return [];
    }
  }

  /** Adds the text missing from the deltas; all of it for a provider that sends none. */
  #settleReasoning(
    itemId: string,
    part: ReasoningDelta['part'],
    texts: readonly string[],
  ): TurnEvent[] {
    return texts.flatMap((text, index) => {
      const key = placeOf({ itemId, part, index });
      const streamed = this.#reasoning.get(key) ?? '';
      this.#reasoning.delete(key);
      if (!text.startsWith(streamed)) return [];
      return this.#appendReasoning({ itemId, part, index, text: text.slice(streamed.length) });
    });
  }

  /** The completed item is authoritative: missing text is added, different text is replaced. */
  #settleText(item: AgentMessage): TurnEvent[] {
    const streamed = this.#texts.get(item.id) ?? '';
    this.#texts.set(item.id, item.text);
    this.#phases.set(item.id, item.phase);
    if (item.text === streamed) return [];
    if (!item.text.startsWith(streamed))
      return [{ type: 'text.replaced', itemId: item.id, text: item.text, phase: item.phase }];
    const rest = item.text.slice(streamed.length);
    return [{ type: 'text.delta', itemId: item.id, text: rest, phase: item.phase }];
  }

  #usageEvent(): TurnEvent[] {
    const { turn, thread } = this.#meter;
    return turn === null || thread === null
      ? []
      : [{ type: 'usage.updated', usage: turn, threadUsage: thread }];
  }
}

type ReasoningDelta = TurnEvents['reasoning.delta'];

/** The item and the text that a reasoning delta belongs to. */
function placeOf({
  itemId,
  part,
  index,
}: Pick<ReasoningDelta, 'itemId' | 'part' | 'index'>): string {
  return `${part} ${index} ${itemId}`;
}
