import { endedOutcomeOf, outcomeOf, toolOf, type EndedOutcome } from '../ai-sdk/item-tool.js';
import type { ThreadItem } from '../protocol/index.js';
import type { TurnEvent } from '../turn/turn-events.js';
import type { AgUiEvent } from './ag-ui-event.js';

type Events = readonly AgUiEvent[];

/** Converts the tool calls of a turn. */
export class ToolEvents {
  readonly #begun = new Set<string>();

  /** Returns the AG-UI events for an event; empty for other kinds of events. */
  accept(event: TurnEvent): Events {
    switch (event.type) {
      case 'item.started':
        // The query of a search is known when it completes.
        return event.item.type === 'webSearch' ? [] : this.#begin(event.item);
      case 'item.completed':
        return this.#finish(event.item);
      case 'command.output':
        return [output(event.itemId, event.text)];
      default:
        return [];
    }
  }

  #begin(item: ThreadItem): Events {
    const tool = toolOf(item);
    if (tool === null || this.#begun.has(item.id)) return [];
    this.#begun.add(item.id);
    const { toolCallId, toolName: toolCallName, input } = tool;
    return [
      { type: 'TOOL_CALL_START', toolCallId, toolCallName },
      { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input ?? {}) },
      { type: 'TOOL_CALL_END', toolCallId },
    ];
  }

  #finish(item: ThreadItem): Events {
    if (toolOf(item) === null || outcomeOf(item).state === 'running') return [];
    const call = this.#begin(item);
    const outcome = endedOutcomeOf(item);
    const { state } = outcome;
    return [
      ...call,
      {
        type: 'TOOL_CALL_RESULT',
        messageId: `${item.id}/result`,
        toolCallId: item.id,
        role: 'tool',
        content: contentOf(outcome),
        metadata: { codex: { state } },
      },
    ];
  }
}

function output(toolCallId: string, text: string): AgUiEvent {
  return { type: 'CUSTOM', name: 'codex.command.output', value: { toolCallId, text } };
}

function contentOf(outcome: EndedOutcome): string {
  switch (outcome.state) {
    case 'done':
      return typeof outcome.output === 'string' ? outcome.output : JSON.stringify(outcome.output);
    case 'denied':
      return 'The call was denied.';
    case 'failed':
      return outcome.errorText;
    default:
      return outcome satisfies never;
  }
}
