import type { ServerResponse } from 'node:http';
import { pause } from '../../pause.js';
import { timers } from '../../timers.js';
import type { ScriptedReply, ScriptedStep, ScriptedUsage } from './scripted-reply.js';
import type { ScriptedRequestOutcome } from './scripted-request.js';

/** Plays one scripted reply onto one HTTP response, as the provider would send it. @internal */
export class ScriptedModelStream {
  readonly #response: ServerResponse;
  readonly #tag: string;
  readonly #signal: AbortSignal;
  readonly #output: Record<string, unknown>[] = [];
  #sequence = 0;
  #open: OpenMessage | null = null;

  constructor(response: ServerResponse, tag: string, signal: AbortSignal) {
    this.#response = response;
    this.#tag = tag;
    this.#signal = signal;
  }

  /** Sends the whole reply, a cut excepted, which is left to the caller; rejects as soon as the signal fires. */
  async play(reply: ScriptedReply): Promise<ScriptedRequestOutcome> {
    // An error status or a cut at the start must come before any header of a stream.
    const first = reply.steps.find(({ type }) => type !== 'delay' && type !== 'gate');
    if (first?.type !== 'status' && first?.type !== 'cut') this.#begin();
    for (const step of reply.steps) {
      const end = await this.#step(step);
      if (end !== null) return end;
    }
    this.#closeMessage();
    this.#send('response.completed', {
      response: { ...this.#responseObject('completed'), usage: wireUsage(reply.tokens) },
    });
    return this.#finish();
  }

  async #step(step: ScriptedStep): Promise<ScriptedRequestOutcome | null> {
    switch (step.type) {
      case 'delay':
        await pause(step.milliseconds, this.#signal);
        return null;
      case 'gate':
        await abortable(step.gate.pass(), this.#signal);
        return null;
      case 'status':
        return this.#sendStatus(step);
      case 'cut':
        await this.#flush();
        return 'cut';
      case 'failed':
        this.#send('response.failed', {
          response: {
            ...this.#responseObject('failed'),
            error: { code: step.code, message: step.message },
          },
        });
        return this.#finish();
      case 'message':
      case 'deltas':
      case 'reasoning':
      case 'compaction':
      case 'call':
        this.#sendItem(step);
        return null;
    }
  }

  #sendItem(step: ItemStep): void {
    if (step.type === 'deltas') {
      this.#open ??= this.#openMessage({});
      for (const text of step.texts) this.#delta(this.#open, text);
      return;
    }
    this.#closeMessage();
    switch (step.type) {
      case 'message':
        this.#sendMessage(step);
        return;
      case 'reasoning':
        this.#sendReasoning(step);
        return;
      case 'compaction':
        this.#sendWhole({
          type: 'compaction',
          id: this.#id('cmp'),
          encrypted_content: step.summary,
        });
        return;
      case 'call': {
        const prefix = step.call.type === 'function_call' ? 'fc' : 'ctc';
        this.#sendWhole({ id: this.#id(prefix), call_id: this.#id('call'), ...step.call });
        return;
      }
    }
  }

  #begin(): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
    });
    this.#send('response.created', { response: this.#responseObject('in_progress') });
  }

  #sendMessage(step: Extract<ScriptedStep, { type: 'message' }>): void {
    const { text, deltas } = step;
    if (deltas.length === 0) {
      this.#done(completedMessage(this.#messageItem(step), text));
      return;
    }
    this.#open = this.#openMessage(step);
    for (const piece of deltas) this.#delta(this.#open, piece);
    this.#open.text = text;
    this.#closeMessage();
  }

  #messageItem({ id, phase }: { id?: string; phase?: string }): OpenMessage['item'] {
    return {
      type: 'message',
      id: id ?? this.#id('msg'),
      role: 'assistant',
      ...(phase === undefined ? {} : { phase }),
    };
  }

  #openMessage(step: { id?: string; phase?: string }): OpenMessage {
    const item = this.#messageItem(step);
    this.#send('response.output_item.added', {
      output_index: this.#output.length,
      item: { ...item, status: 'in_progress', content: [] },
    });
    this.#send('response.content_part.added', { ...this.#at(item), part: textPart('') });
    return { item, text: '' };
  }

  #delta(message: OpenMessage, text: string): void {
    message.text += text;
    this.#send('response.output_text.delta', { ...this.#at(message.item), delta: text });
  }

  #closeMessage(): void {
    if (this.#open === null) return;
    const { item, text } = this.#open;
    this.#open = null;
    this.#send('response.output_text.done', { ...this.#at(item), text });
    this.#send('response.content_part.done', { ...this.#at(item), part: textPart(text) });
    this.#done(completedMessage(item, text));
  }

  #sendReasoning({ summary, deltas }: Extract<ScriptedStep, { type: 'reasoning' }>): void {
    const item = { type: 'reasoning', id: this.#id('rs') };
    const at = { item_id: item.id, output_index: this.#output.length, summary_index: 0 };
    const part = { type: 'summary_text', text: summary };
    if (deltas.length === 0) {
      this.#done({ ...item, summary: [part] });
      return;
    }
    this.#send('response.output_item.added', {
      output_index: this.#output.length,
      item: { ...item, summary: [] },
    });
    this.#send('response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } });
    for (const delta of deltas)
      this.#send('response.reasoning_summary_text.delta', { ...at, delta });
    this.#send('response.reasoning_summary_text.done', { ...at, text: summary });
    this.#send('response.reasoning_summary_part.done', { ...at, part });
    this.#done({ ...item, summary: [part] });
  }

  #sendWhole(item: Record<string, unknown>): void {
    this.#send('response.output_item.added', {
      output_index: this.#output.length,
      item: { ...item, status: 'in_progress' },
    });
    this.#done({ ...item, status: 'completed' });
  }

  #done(item: Record<string, unknown>): void {
    this.#send('response.output_item.done', { output_index: this.#output.length, item });
    this.#output.push(item);
  }

  #sendStatus({ code, body, headers }: Extract<ScriptedStep, { type: 'status' }>): 'answered' {
    const isText = typeof body === 'string';
    this.#response.writeHead(code, {
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
      ...headers,
    });
    this.#response.end(isText ? body : JSON.stringify(body));
    return 'answered';
  }

  #finish(): 'answered' {
    this.#response.end();
    return 'answered';
  }

  #responseObject(status: string): Record<string, unknown> {
    return {
      id: `resp_${this.#tag}`,
      object: 'response',
      created_at: Math.floor(timers.Date.now() / 1000),
      status,
      error: null,
      output: [...this.#output],
    };
  }

  #id(prefix: string): string {
    return `${prefix}_${this.#tag}_${this.#output.length}`;
  }

  #at(item: { readonly id: string }): Record<string, unknown> {
    return { item_id: item.id, output_index: this.#output.length, content_index: 0 };
  }

  /** Waits until everything was handed to the system, so that a cut comes after what was said before it. */
  async #flush(): Promise<void> {
    if (!this.#response.headersSent) return;
    const flushed = new Promise<void>((resolve) => {
      this.#response.write(':\n\n', () => {
        resolve();
      });
    });
    await abortable(flushed, this.#signal);
  }

  #send(type: string, fields: Record<string, unknown>): void {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...fields });
    this.#response.write(`event: ${type}\ndata: ${data}\n\n`);
  }
}

type ItemStep = Extract<
  ScriptedStep,
  { type: 'message' | 'deltas' | 'reasoning' | 'compaction' | 'call' }
>;

interface OpenMessage {
  readonly item: {
    readonly type: 'message';
    readonly id: string;
    readonly role: 'assistant';
    readonly phase?: string;
  };
  text: string;
}

function completedMessage(item: OpenMessage['item'], text: string): Record<string, unknown> {
  return { ...item, status: 'completed', content: [textPart(text)] };
}

function textPart(text: string): Record<string, unknown> {
  return { type: 'output_text', text, annotations: [] };
}

function wireUsage(tokens: ScriptedUsage): Record<string, unknown> {
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

async function abortable(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
}
