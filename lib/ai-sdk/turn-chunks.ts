import type { QueuedApproval } from '../approvals/queued-approvals.js';
import { CodexError } from '../errors.js';
import type { TurnEvent, TurnEvents } from '../turn/turn-events.js';
import { TurnFailedError } from '../turn/turn-failed-error.js';
import type { ChunkSource } from './chunk-reader.js';
import { toolOf } from './item-tool.js';
import { TextParts, type TextPart } from './text-parts.js';
import { ToolChunks } from './tool-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';

type Chunks = readonly CodexUIMessageChunk[];

/** Converts the events of a turn to the chunks of a UI message. */
export class TurnChunks implements ChunkSource<CodexUIMessageChunk> {
  readonly #texts = new TextParts();
  readonly #tools = new ToolChunks();
  readonly #errorText: (error: unknown) => string;
  /** The chunks of the open step, since some clients can only retract a whole step. Null before and after steps. */
  #step: CodexUIMessageChunk[] | null = null;

  constructor(errorText: (error: unknown) => string = errorTextOf) {
    this.#errorText = errorText;
  }

  /** Returns the chunks for an event. */
  accept(event: TurnEvent): Chunks {
    switch (event.type) {
      case 'turn.started':
        return this.#start(event);
      case 'text.delta':
      case 'reasoning.delta':
        return this.#said(this.#texts.accept(event));
      case 'text.replaced':
        return this.#replace(event);
      case 'item.completed':
        return [
          ...this.#said(this.#texts.accept(event)),
          ...this.#put(this.#tools.accept(event)),
          ...this.#put(otherItem(event)),
        ];
      case 'turn.completed': {
        const { usage } = event;
        return this.#finish({ type: 'finish', finishReason: 'stop', messageMetadata: { usage } });
      }
      case 'turn.interrupted':
      case 'turn.failed':
        // The reason follows.
        return [];
      default:
        return [...this.#put(this.#tools.accept(event)), ...this.#put(dataOf(event))];
    }
  }

  /** Handles a request in the queue of approvals. */
  arrive(queued: QueuedApproval): Chunks {
    return this.#put(this.#tools.arrive(queued));
  }

  /** Ends the message of a stopped turn. */
  abort(): Chunks {
    return this.#finish({ type: 'abort', reason: 'The turn was interrupted.' });
  }

  /** Ends the message of a failed turn. */
  fail(error: unknown): Chunks {
    return this.#finish({ type: 'error', errorText: this.#errorText(error) });
  }

  #start({ threadId, turnId }: TurnEvents['turn.started']): Chunks {
    this.#step = [];
    return [
      { type: 'start', messageId: turnId, messageMetadata: { threadId, turnId } },
      { type: 'start-step' },
    ];
  }

  /** A text that starts after a tool belongs to the next response of the model, which is another step. */
  #said(parts: readonly TextPart[]): Chunks {
    const begins = parts.some(({ type }) => type === 'text-start' || type === 'reasoning-start');
    const isBehindTool = this.#step?.some(({ type }) => type.startsWith('tool-')) === true;
    if (!begins || !isBehindTool) return this.#put(parts);
    this.#step = [];
    return [{ type: 'finish-step' }, { type: 'start-step' }, ...this.#put(parts)];
  }

  #replace({ itemId, text, phase }: TurnEvents['text.replaced']): Chunks {
    const others = (this.#step ?? []).filter((chunk) => !('id' in chunk && chunk.id === itemId));
    const isShown = others.length !== this.#step?.length;
    const whole = this.#texts.whole(itemId, text, phase);
    if (!isShown) return this.#put(whole);
    this.#step = [];
    return [{ type: 'reset-step' }, ...this.#put(others), ...this.#put(whole)];
  }

  #finish(last: CodexUIMessageChunk): Chunks {
    const ends: Chunks = [...this.#texts.end(), ...this.#tools.end()];
    const isOpen = this.#step !== null;
    this.#step = null;
    return [...ends, ...(isOpen ? [{ type: 'finish-step' as const }] : []), last];
  }

  #put(chunks: Chunks): Chunks {
    for (const chunk of chunks) this.#keep(chunk);
    return chunks;
  }

  #keep(chunk: CodexUIMessageChunk): void {
    const last = this.#step?.at(-1);
    if (last === undefined || !canReplace(last, chunk)) this.#step?.push(chunk);
    else this.#step?.splice(-1, 1, chunk);
  }
}

/**
 * Returns the message for the client: that of a failed turn; for other errors, which may name paths and hosts, only the
 * code.
 */
export function errorTextOf(error: unknown): string {
  if (TurnFailedError.is(error)) return error.message;
  return CodexError.is(error)
    ? `The turn could not be run (${error.code}).`
    : 'The turn could not be run.';
}

/** Whether a later chunk makes an earlier one obsolete. */
export function canReplace(earlier: CodexUIMessageChunk, later: CodexUIMessageChunk): boolean {
  return (
    earlier.type === 'tool-output-available' &&
    earlier.preliminary === true &&
    later.type === 'tool-output-available' &&
    later.toolCallId === earlier.toolCallId
  );
}

function dataOf(event: TurnEvent): Chunks {
  switch (event.type) {
    case 'plan.updated': {
      const { explanation, plan } = event;
      return [{ type: 'data-plan', id: 'plan', data: { explanation, plan } }];
    }
    case 'usage.updated': {
      const { usage, threadUsage } = event;
      return [{ type: 'data-usage', id: 'usage', data: { usage, threadUsage } }];
    }
    case 'turn.diff':
      return [{ type: 'data-diff', id: 'diff', data: { diff: event.diff } }];
    case 'turn.retrying':
      return [notice('retrying', event.message)];
    case 'warning':
      return [notice('warning', event.message)];
    case 'connection.lost':
      return [notice('connectionLost', event.message)];
    case 'connection.restored':
      return [notice('connectionRestored', '')];
    default:
      return [];
  }
}

function notice(
  kind: 'retrying' | 'warning' | 'connectionLost' | 'connectionRestored',
  message: string,
): CodexUIMessageChunk {
  return { type: 'data-notice', data: { kind, message }, transient: true };
}

/** Returns a part for an item that is neither text, reasoning nor a tool. */
function otherItem({ item }: TurnEvents['item.completed']): Chunks {
  if (isOtherItem(item)) return [{ type: 'data-item', id: item.id, data: item }];
  if (item.type !== 'imageGeneration' || !('result' in item)) return [];
  return [{ type: 'file', mediaType: 'image/png', url: `data:image/png;base64,${item.result}` }];
}

/** Whether an item is neither a text, a tool nor an image. */
export function isOtherItem(item: TurnEvents['item.completed']['item']): boolean {
  const shown = ['agentMessage', 'reasoning', 'userMessage', 'imageGeneration'];
  return !shown.includes(item.type) && toolOf(item) === null;
}
