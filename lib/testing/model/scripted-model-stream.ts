import type { ServerResponse } from 'node:http';
import { pause } from '../../pause.js';
import { timers } from '../../timers.js';
import { within } from '../../within.js';
import type { ScriptedReply } from './scripted-reply.js';
import type { ScriptedRequestOutcome } from './scripted-request.js';
import type { ScriptedStep, ScriptedUsage } from './scripted-step.js';

type Item = Readonly<Record<string, unknown>> & { readonly id: string };

/** Sends one scripted reply as one HTTP response, in the format of the provider. @internal */
export class ScriptedModelStream {
  readonly #response: ServerResponse;
  readonly #tag: string;
  readonly #signal: AbortSignal;
  readonly #output: Item[] = [];
  #sequence = 0;
  /** The message that deltas continue. */
  #open: { readonly item: Item; text: string } | null = null;

  constructor(response: ServerResponse, tag: string, signal: AbortSignal) {
    this.#response = response;
    this.#tag = tag;
    this.#signal = signal;
  }

  /** Sends the whole reply, except for a cut, which is left to the caller; rejects when the signal fires. */
  async play(reply: ScriptedReply): Promise<ScriptedRequestOutcome> {
    // An error status or a cut at the start must precede the headers of a stream.
    const first = reply.steps.find(({ type }) => type !== 'delay' && type !== 'gate');
    if (first?.type !== 'status' && first?.type !== 'cut') this.#begin();
    for (const step of reply.steps) {
      const end = await this.#step(step);
      if (end !== null) return end;
    }
    this.#closeMessage();
    this.#sendResponse('completed', { usage: wireUsage(reply.tokens) });
    return this.#finish();
  }

  /** Sends one part; returns the outcome if it is the last. */
  async #step(step: ScriptedStep): Promise<ScriptedRequestOutcome | null> {
    if (itemTypes.includes(step.type)) this.#closeMessage();
    switch (step.type) {
      case 'delay':
        await pause(step.milliseconds, this.#signal);
        return null;
      case 'gate':
        await within(step.gate.pass(), { signal: this.#signal });
        return null;
      case 'status':
        return this.#sendStatus(step);
      case 'cut':
        await this.#flush();
        return 'cut';
      case 'failed':
        this.#sendResponse('failed', { error: { code: step.code, message: step.message } });
        return this.#finish();
      case 'deltas':
        this.#open ??= this.#openMessage({});
        for (const text of step.texts) this.#delta(text);
        return null;
      case 'message':
        this.#sendMessage(step);
        return null;
      case 'reasoning':
        this.#sendReasoning(step);
        return null;
      case 'compaction':
        this.#sendWhole('cmp', { type: 'compaction', encrypted_content: step.summary });
        return null;
      case 'call': {
        const prefix = step.call.type === 'function_call' ? 'fc' : 'ctc';
        this.#sendWhole(prefix, { call_id: this.#id('call'), ...step.call });
        return null;
      }
    }
  }

  #begin(): void {
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
    this.#response.writeHead(200, headers);
    this.#sendResponse('in_progress', {}, 'created');
  }

  #sendMessage({ text, deltas, ...step }: Step<'message'>): void {
    if (deltas.length === 0) {
      this.#done(completedMessage(this.#messageItem(step), text));
      return;
    }
    this.#open = this.#openMessage(step);
    for (const piece of deltas) this.#delta(piece);
    this.#open.text = text;
    this.#closeMessage();
  }

  #messageItem({ id = this.#id('msg'), phase }: Pick<Step<'message'>, 'id' | 'phase'>): Item {
    return { type: 'message', id, role: 'assistant', ...(phase === undefined ? {} : { phase }) };
  }

  #openMessage(step: Pick<Step<'message'>, 'id' | 'phase'>): { item: Item; text: string } {
    const item = this.#messageItem(step);
    this.#add({ ...item, status: 'in_progress', content: [] });
    this.#send('response.content_part.added', { ...this.#at(item), part: textPart('') });
    return { item, text: '' };
  }

  #delta(delta: string): void {
    if (this.#open === null) return;
    this.#open.text += delta;
    this.#send('response.output_text.delta', { ...this.#at(this.#open.item), delta });
  }

  #closeMessage(): void {
    if (this.#open === null) return;
    const { item, text } = this.#open;
    this.#open = null;
    this.#send('response.output_text.done', { ...this.#at(item), text });
    this.#send('response.content_part.done', { ...this.#at(item), part: textPart(text) });
    this.#done(completedMessage(item, text));
  }

  #sendReasoning({ summary, deltas }: Step<'reasoning'>): void {
    const item = { type: 'reasoning', id: this.#id('rs') };
    const at = { item_id: item.id, output_index: this.#output.length, summary_index: 0 };
    const part = { type: 'summary_text', text: summary };
    if (deltas.length > 0) {
      this.#add({ ...item, summary: [] });
      this.#send('response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } });
      for (const delta of deltas)
        this.#send('response.reasoning_summary_text.delta', { ...at, delta });
      this.#send('response.reasoning_summary_text.done', { ...at, text: summary });
      this.#send('response.reasoning_summary_part.done', { ...at, part });
    }
    this.#done({ ...item, summary: [part] });
  }

  #sendWhole(prefix: string, content: object): void {
    const item = { id: this.#id(prefix), ...content };
    this.#add({ ...item, status: 'in_progress' });
    this.#done({ ...item, status: 'completed' });
  }

  #add(item: Item): void {
    this.#send('response.output_item.added', { output_index: this.#output.length, item });
  }

  #done(item: Item): void {
    this.#send('response.output_item.done', { output_index: this.#output.length, item });
    this.#output.push(item);
  }

  #sendStatus({ code, body, headers }: Step<'status'>): 'answered' {
    const isText = typeof body === 'string';
    const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
    this.#response.writeHead(code, { 'content-type': type, ...headers });
    return this.#finish(isText ? body : JSON.stringify(body));
  }

  #finish(body?: string): 'answered' {
    this.#response.end(body);
    return 'answered';
  }

  #sendResponse(status: string, fields: object, event = status): void {
    const response = {
      id: `resp_${this.#tag}`,
      object: 'response',
      created_at: Math.floor(timers.Date.now() / 1000),
      status,
      error: null,
      output: [...this.#output],
      ...fields,
    };
    this.#send(`response.${event}`, { response });
  }

  #id(prefix: string): string {
    return `${prefix}_${this.#tag}_${this.#output.length}`;
  }

  #at({ id }: Item): object {
    return { item_id: id, output_index: this.#output.length, content_index: 0 };
  }

  /** Waits until everything has been passed to the system, so that a cut comes after the preceding output. */
  async #flush(): Promise<void> {
    if (!this.#response.headersSent) return;
    const flushed = new Promise<void>((resolve) => {
      this.#response.write(':\n\n', () => {
        resolve();
      });
    });
    await within(flushed, { signal: this.#signal });
  }

  #send(type: string, fields: object): void {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...fields });
    this.#response.write(`event: ${type}\ndata: ${data}\n\n`);
  }
}

/** Step types that end the preceding message. */
const itemTypes: readonly string[] = ['message', 'reasoning', 'compaction', 'call'];

type Step<Type extends ScriptedStep['type']> = Extract<ScriptedStep, { readonly type: Type }>;

function completedMessage(item: Item, text: string): Item {
  return { ...item, status: 'completed', content: [textPart(text)] };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [] };
}

function wireUsage(tokens: ScriptedUsage): object {
  return {
    input_tokens: tokens.inputTokens,
    input_tokens_details: {
      cached_tokens: tokens.cachedInputTokens,
      cache_write_tokens: tokens.cacheWriteInputTokens,
    },
    output_tokens: tokens.outputTokens,
    output_tokens_details: { reasoning_tokens: tokens.reasoningOutputTokens },
    total_tokens: tokens.inputTokens + tokens.outputTokens,
  };
}
