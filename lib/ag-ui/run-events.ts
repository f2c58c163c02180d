import type { ChunkSource } from '../ai-sdk/chunk-reader.js';
import { TextParts } from '../ai-sdk/text-parts.js';
import { shown } from '../ai-sdk/tool-chunks.js';
import { isOtherItem } from '../ai-sdk/turn-chunks.js';
import type { QueuedApproval } from '../approvals/queued-approvals.js';
import { CodexError } from '../errors.js';
import type { TurnEvent, TurnEvents } from '../turn/turn-events.js';
import type { TurnUsage } from '../turn/usage.js';
import type {
  AgUiCustomEvent,
  AgUiCustomValues,
  AgUiEvent,
  AgUiTokenUsage,
} from './ag-ui-event.js';
import { textEvents } from './text-events.js';
import { ToolEvents } from './tool-events.js';

type Events = readonly AgUiEvent[];

/** The ids of a run. */
export interface RunIds {
  readonly threadId: string;
  readonly runId: string;
}

/** Properties of {@link RunEvents}. */
export interface RunEventsProps {
  /** The ids that the client has chosen; else those of the turn. */
  readonly run: RunIds | undefined;
  readonly errorText: (error: unknown) => string;
}

/** Converts the events of a turn to those of a run in AG-UI. */
export class RunEvents implements ChunkSource<AgUiEvent> {
  readonly #props: RunEventsProps;
  readonly #texts = new TextParts();
  readonly #tools = new ToolEvents();
  /** The ids of the run, or null before it has started. */
  #run: RunIds | null = null;
  #usage: TurnUsage | null = null;

  constructor(props: RunEventsProps) {
    this.#props = props;
  }

  accept(event: TurnEvent): Events {
    switch (event.type) {
      case 'turn.started':
        return [this.#start(event)];
      case 'text.replaced':
        return this.#replace(event);
      case 'usage.updated': {
        const { usage, threadUsage } = event;
        this.#usage = usage;
        return [custom('codex.usage', { usage, threadUsage })];
      }
      case 'turn.completed':
        this.#usage = event.usage;
        return this.#finish('success');
      case 'turn.interrupted':
      case 'turn.failed':
        // The reason follows.
        return [];
      default:
        return [
          ...this.#texts.accept(event).flatMap(textEvents),
          ...this.#tools.accept(event),
          ...this.#others(event),
        ];
    }
  }

  arrive({ id, request }: QueuedApproval): Events {
    return [custom('codex.approval.requested', { id, request: shown(request) })];
  }

  abort(): Events {
    if (this.#run !== null) return this.#finish('cancelled');
    const message = 'The turn was stopped before it started.';
    return [{ type: 'RUN_ERROR', message, code: 'turn-interrupted' }];
  }

  fail(error: unknown): Events {
    const code = CodexError.is(error) ? error.code : 'failed';
    const message = this.#props.errorText(error);
    return [...this.#ends(), { type: 'RUN_ERROR', message, code, ...this.#usageField() }];
  }

  #start({ threadId, turnId }: TurnEvents['turn.started']): AgUiEvent {
    const run = this.#props.run ?? { threadId, runId: turnId };
    this.#run = run;
    const metadata = { codex: { threadId, turnId } };
    return { type: 'RUN_STARTED', threadId: run.threadId, runId: run.runId, metadata };
  }

  #finish(type: 'success' | 'cancelled'): Events {
    const { threadId, runId } = this.#run ?? { threadId: '', runId: '' };
    const end = { type: 'RUN_FINISHED', threadId, runId, outcome: { type } } as const;
    return [...this.#ends(), { ...end, ...this.#usageField() }];
  }

  #replace({ itemId, text }: TurnEvents['text.replaced']): Events {
    const ends = this.#texts.endOf(itemId).flatMap(textEvents);
    return [...ends, custom('codex.text.replaced', { messageId: itemId, text })];
  }

  #others(event: TurnEvent): Events {
    switch (event.type) {
      case 'plan.updated':
        return [this.#activity('plan', { explanation: event.explanation, plan: event.plan })];
      case 'turn.diff':
        return [this.#activity('diff', { diff: event.diff })];
      case 'approval.resolved': {
        const { itemId: toolCallId, decision, reason } = event.report;
        return [custom('codex.approval.resolved', { toolCallId, decision, reason })];
      }
      case 'turn.retrying':
      case 'warning':
      case 'connection.lost':
        return [custom('codex.notice', { kind: event.type, message: event.message })];
      case 'connection.restored':
        return [custom('codex.notice', { kind: event.type, message: '' })];
      case 'item.completed': {
        const { item } = event;
        const isOther = isOtherItem(item) || item.type === 'imageGeneration';
        return isOther ? [custom('codex.item', item)] : [];
      }
      default:
        return [];
    }
  }

  #activity(kind: 'plan' | 'diff', content: Readonly<Record<string, unknown>>): AgUiEvent {
    return {
      type: 'ACTIVITY_SNAPSHOT',
      messageId: `${this.#run?.runId ?? ''}/${kind}`,
      activityType: `codex.${kind}`,
      content,
      replace: true,
    };
  }

  #ends(): Events {
    return this.#texts.end().flatMap(textEvents);
  }

  #usageField(): { readonly usage?: readonly AgUiTokenUsage[] } {
    if (this.#usage === null) return {};
    const { reasoningOutputTokens: reasoningTokens, ...usage } = this.#usage;
    return { usage: [{ ...usage, reasoningTokens }] };
  }
}

function custom<Name extends keyof AgUiCustomValues>(
  name: Name,
  value: AgUiCustomValues[Name],
): AgUiEvent {
  return { type: 'CUSTOM', name, value } as AgUiCustomEvent;
}
