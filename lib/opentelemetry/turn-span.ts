import {
  context,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type {
  ItemMessage,
  TurnContentMessage,
  TurnEndMessage,
} from '../telemetry/turn-messages.js';

/** The span of one turn, with the spans of its items as children. */
export class TurnSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #items = new Map<string, Span>();

  constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer;
    this.#span = span;
  }

  /** The context for everything that the turn causes. */
  get within(): Context {
    return trace.setSpan(context.active(), this.#span);
  }

  /** Adds attributes. */
  describe(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  /** Starts a child span. */
  child(name: string, attributes: Attributes, startTime?: number): Span {
    const options = startTime === undefined ? { attributes } : { attributes, startTime };
    return this.#tracer.startSpan(name, options, this.within);
  }

  /** Starts the span of an item. */
  begin({ itemId, itemType }: ItemMessage): void {
    const attributes = { 'codex.item.id': itemId, 'codex.item.type': itemType };
    this.#items.set(itemId, this.child(`codex.item ${itemType}`, attributes));
  }

  /** Ends the span of an item; an item that was never announced gets a span without duration. */
  finish(message: ItemMessage): void {
    const { itemId, status } = message;
    if (!this.#items.has(itemId)) this.begin(message);
    const span = this.#items.get(itemId);
    this.#items.delete(itemId);
    if (status !== null) span?.setAttribute('codex.item.status', status);
    if (status === 'failed') span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }

  /** Adds an event. */
  note(name: string, attributes: Attributes): void {
    this.#span.addEvent(name, attributes);
  }

  /** Records a text of the turn, in the form of the semantic conventions. */
  keep({ role, text }: TurnContentMessage): void {
    const parts = [{ type: 'text', content: text }];
    if (role === 'user')
      this.#span.setAttribute('gen_ai.input.messages', JSON.stringify([{ role, parts }]));
    else
      this.#span.setAttribute(
        'gen_ai.output.messages',
        JSON.stringify([{ role, parts, finish_reason: 'stop' }]),
      );
  }

  /** Ends the span and those of unfinished items. */
  end({ status, errorCode, ...tokens }: TurnEndMessage): void {
    for (const span of this.#items.values()) span.end();
    this.#span.setAttribute('codex.turn.status', status);
    if (tokens.inputTokens !== null && tokens.outputTokens !== null)
      this.#span.setAttributes({
        'gen_ai.usage.input_tokens': tokens.inputTokens,
        'gen_ai.usage.output_tokens': tokens.outputTokens,
        'gen_ai.usage.cache_read.input_tokens': tokens.cachedInputTokens ?? 0,
        'gen_ai.usage.cache_creation.input_tokens': tokens.cacheWriteInputTokens ?? 0,
        'gen_ai.usage.reasoning.output_tokens': tokens.reasoningOutputTokens ?? 0,
      });
    if (errorCode !== null) {
      this.#span.setAttribute('error.type', errorCode);
      // A turn that was stopped on request is not an error.
      if (status === 'failed') this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}
