import type {
  JSONValue,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4ToolResult,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import type { ThreadItem } from '../protocol/index.js';
import type { TurnEvent, TurnEvents } from '../turn/turn-events.js';
import type { TurnUsage } from '../turn/usage.js';
import { endedOutcomeOf, toolOf, type ItemTool } from './item-tool.js';
import { TextParts, type TextPart } from './text-parts.js';

/** Converts the events of a turn to stream parts of a language model. */
export class ModelParts {
  readonly #texts = new TextParts();
  readonly #isJson: boolean;
  /** The text of each message so far. */
  readonly #said = new Map<string, string>();
  /** The reported calls. */
  readonly #called = new Set<string>();

  /** @param isJson - whether the answer is JSON; other messages of the model then become reasoning */
  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** Returns the parts for an event. */
  accept(event: TurnEvent): readonly LanguageModelV4StreamPart[] {
    switch (event.type) {
      case 'text.delta':
        return this.#text(event);
      case 'text.replaced':
        return this.#replace(event);
      case 'reasoning.delta':
        return this.#texts.accept(event);
      case 'item.started':
      case 'item.updated':
        return this.#call(event.item);
      case 'item.completed':
        return [...this.#texts.accept(event), ...this.#call(event.item), ...resultOf(event.item)];
      default:
        return [];
    }
  }

  /** Ends all open parts. */
  end(): readonly LanguageModelV4StreamPart[] {
    return this.#texts.end();
  }

  #text({ itemId, text, phase }: TurnEvents['text.delta']): readonly TextPart[] {
    const before = this.#said.get(itemId) ?? '';
    this.#said.set(itemId, before + text);
    const isAside = this.#isJson && !isAnswer({ phase, text: before + text });
    // A whole message is either the answer or reasoning, and leading white space does not show which.
    if (this.#isJson && phase === null && (before + text).trim() === '') return [];
    if (isAside) return this.#texts.aside(itemId, text);
    return this.#texts.text(itemId, before.trim() === '' ? before + text : text, phase);
  }

  #replace({ itemId, text, phase }: TurnEvents['text.replaced']): readonly TextPart[] {
    const before = this.#said.get(itemId) ?? '';
    if (text.startsWith(before))
      return this.#text({ type: 'text.delta', itemId, text: text.slice(before.length), phase });
    // A stream cannot retract parts, so the message starts again.
    this.#said.delete(itemId);
    const ends = this.#texts.endOf(itemId);
    return [...ends, ...this.#text({ type: 'text.delta', itemId, text, phase })];
  }

  #call(item: ThreadItem): readonly LanguageModelV4StreamPart[] {
    const tool = toolOf(item);
    if (tool === null || this.#called.has(item.id)) return [];
    this.#called.add(item.id);
    return [callOf(tool)];
  }
}

/** Converts the items of a turn to the content of an answer. @param isJson - whether the answer is JSON */
export function contentOf(
  items: readonly ThreadItem[],
  isJson: boolean,
): readonly LanguageModelV4Content[] {
  return items.flatMap((item): readonly LanguageModelV4Content[] => {
    const tool = toolOf(item);
    if (tool !== null) return [callOf(tool), ...resultOf(item)];
    if (item.type === 'reasoning')
      return [...item.summary, ...item.content].map((text) => ({ type: 'reasoning', text }));
    if (item.type !== 'agentMessage' || item.text === '') return [];
    const { text, phase } = item;
    const isAside = isJson && !isAnswer(item);
    const providerMetadata = { codex: { phase } };
    return [isAside ? { type: 'reasoning', text } : { type: 'text', text, providerMetadata }];
  });
}

/** Converts the usage of a turn to the format of the AI SDK. */
export function usageOf(usage: TurnUsage | null): LanguageModelV4Usage {
  if (usage === null)
    return {
      inputTokens: {
        total: undefined,
        noCache: undefined,
        cacheRead: undefined,
        cacheWrite: undefined,
      },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    };
  const { inputTokens, cachedInputTokens, cacheWriteInputTokens } = usage;
  const { outputTokens, reasoningOutputTokens } = usage;
  return {
    inputTokens: {
      total: inputTokens,
      noCache: inputTokens - cachedInputTokens - cacheWriteInputTokens,
      cacheRead: cachedInputTokens,
      cacheWrite: cacheWriteInputTokens,
    },
    outputTokens: {
      total: outputTokens,
      text: outputTokens - reasoningOutputTokens,
      reasoning: reasoningOutputTokens,
    },
    raw: { ...usage },
  };
}

/** Whether a message is the requested JSON. Models that report no phase also send intermediate messages. */
function isAnswer({ phase, text }: Pick<TurnEvents['text.delta'], 'phase' | 'text'>): boolean {
  return phase === null ? text.trimStart().startsWith('{') : phase !== 'commentary';
}

function callOf({ toolCallId, toolName, input }: ItemTool): LanguageModelV4ToolCall {
  return {
    type: 'tool-call',
    toolCallId,
    toolName,
    input: JSON.stringify(input ?? {}),
    providerExecuted: true,
    dynamic: true,
  };
}

function resultOf(item: ThreadItem): readonly LanguageModelV4ToolResult[] {
  const tool = toolOf(item);
  if (tool === null) return [];
  const { toolCallId, toolName } = tool;
  const result = (value: NonNullable<JSONValue>, isError: boolean): LanguageModelV4ToolResult => ({
    type: 'tool-result',
    toolCallId,
    toolName,
    result: value,
    ...(isError ? { isError } : {}),
    dynamic: true,
  });
  const outcome = endedOutcomeOf(item);
  switch (outcome.state) {
    case 'done':
      return [result((outcome.output ?? {}) as NonNullable<JSONValue>, false)];
    case 'failed':
      return [result(outcome.errorText, true)];
    case 'denied':
      return [result('The call was denied.', true)];
    default:
      return outcome satisfies never;
  }
}
