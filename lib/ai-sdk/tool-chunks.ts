import type { ApprovalReport } from '../approvals/approval-report.js';
import type { ApprovalRequest } from '../approvals/approval-request.js';
import type { QueuedApproval } from '../approvals/queued-approvals.js';
import type { ThreadItem } from '../protocol/index.js';
import type { TurnEvent } from '../turn/turn-events.js';
import {
  endedOutcomeOf,
  outcomeOf,
  toolOf,
  type EndedOutcome,
  type ItemTool,
} from './item-tool.js';
import type { CodexUIMessageChunk } from './ui-message.js';

type Chunks = readonly CodexUIMessageChunk[];

/** The length of the output of a running command in a preliminary result, in characters. Only the end is kept. */
const shownOutput = 4096;

const allowing: readonly unknown[] = [
  'allow',
  'allowForSession',
  'allowAlwaysForAllThreads',
  'answer',
];

/** Converts the tool calls of a turn and their approval requests to chunks. */
export class ToolChunks {
  /** The open calls. */
  readonly #calls = new Map<string, Call>();
  /** The undecided requests. */
  #asked: Asked[] = [];
  /** The ids of queued requests whose event has not been read yet. */
  readonly #queued = new Map<ApprovalRequest, string>();
  #lastNumber = 0;

  /** Returns the chunks for an event; empty for other kinds of events. */
  accept(event: TurnEvent): Chunks {
    switch (event.type) {
      case 'item.started':
      case 'item.updated':
        return this.#begin(event.item);
      case 'item.completed':
        return this.#finish(event.item);
      case 'command.output':
        return this.#output(event.itemId, (output) => output + event.text);
      case 'command.replaced':
        return this.#output(event.itemId, () => event.text);
      case 'approval.requested':
        return this.#ask(event.request);
      case 'approval.resolved':
        return this.#resolve(event.report);
      default:
        return [];
    }
  }

  /** Handles a queued request, which the client can answer. */
  arrive({ id, request }: QueuedApproval): Chunks {
    const asked = this.#asked.find((other) => other.request === request);
    if (asked === undefined) {
      this.#queued.set(request, id);
      return [];
    }
    return [this.#offer(asked, id)];
  }

  /** Ends all open calls. */
  end(): Chunks {
    const denied = this.#asked.flatMap((asked) => this.#settle(asked, false, 'The turn ended.'));
    const errorText = 'The turn ended before the call completed.';
    const failed = [...this.#calls.keys()]
      .filter((toolCallId) => !this.#asked.some((asked) => asked.toolCallId === toolCallId))
      .map((toolCallId) => ({ type: 'tool-output-error' as const, toolCallId, errorText }));
    const undecided = this.#asked.filter(({ isOwnCall }) => !isOwnCall);
    this.#calls.clear();
    this.#asked = [];
    return [
      ...denied,
      ...undecided.map(({ toolCallId }) => ({ type: 'tool-output-denied' as const, toolCallId })),
      ...failed,
    ];
  }

  #begin(item: ThreadItem): Chunks {
    const tool = toolOf(item);
    if (tool === null || outcomeOf(item).state !== 'running') return [];
    const input = JSON.stringify(tool.input);
    const known = this.#calls.get(item.id);
    if (known?.input === input) return [];
    this.#calls.set(item.id, { ...(known ?? { output: '', isAsked: false }), tool, input });
    return [callOf(tool)];
  }

  #finish(item: ThreadItem): Chunks {
    const tool = toolOf(item);
    if (tool === null) return [];
    const known = this.#calls.get(item.id);
    this.#calls.delete(item.id);
    const outcome = endedOutcomeOf(item);
    const call = known?.input === JSON.stringify(tool.input) ? [] : [callOf(tool)];
    const approval =
      outcome.state === 'denied' && known?.isAsked !== true ? this.#automatic(item.id, false) : [];
    return [...call, ...approval, ...resultOf(item.id, outcome)];
  }

  #output(itemId: string, change: (output: string) => string): Chunks {
    const call = this.#calls.get(itemId);
    if (call === undefined) return [];
    call.output = change(call.output).slice(-shownOutput);
    const output = { output: call.output, exitCode: null, durationMs: null };
    return [{ type: 'tool-output-available', toolCallId: itemId, output, preliminary: true }];
  }

  #ask(request: ApprovalRequest): Chunks {
    const call = this.#callFor(request);
    const toolCallId = call?.tool.toolCallId ?? `request-${this.#next()}`;
    if (call !== undefined) call.isAsked = true;
    const asked = { request, toolCallId, isOwnCall: call === undefined, approvalId: null };
    this.#asked.push(asked);
    const begun: Chunks =
      call === undefined
        ? [callOf({ toolCallId, toolName: 'request', isDynamic: false, input: shown(request) })]
        : [];
    const id = this.#queued.get(request);
    this.#queued.delete(request);
    return id === undefined ? begun : [...begun, this.#offer(asked, id)];
  }

  #offer(asked: Asked, approvalId: string): CodexUIMessageChunk {
    const { request, toolCallId } = asked;
    asked.approvalId = approvalId;
    const reason = 'justification' in request ? request.justification : null;
    return {
      type: 'tool-approval-request',
      approvalId,
      toolCallId,
      approvalDescriptor: shown(request),
      ...(reason === null ? {} : { reason }),
    };
  }

  #resolve(report: ApprovalReport): Chunks {
    const asked = this.#asked.find(({ request }) => isAbout(report, request));
    if (asked === undefined) return [];
    this.#asked = this.#asked.filter((other) => other !== asked);
    const approved = allowing.includes(report.decision);
    const settled = this.#settle(asked, approved, report.reason);
    if (!asked.isOwnCall) return settled;
    const { toolCallId } = asked;
    const output = { decision: report.decision };
    return [
      ...settled,
      approved
        ? { type: 'tool-output-available', toolCallId, output }
        : { type: 'tool-output-denied', toolCallId },
    ];
  }

  /** Handles the decision about a request. If the client was not asked, the request is shown as decided automatically. */
  #settle(asked: Asked, approved: boolean, reason: string | null): Chunks {
    const { approvalId, toolCallId } = asked;
    if (approvalId === null) return this.#automatic(toolCallId, approved, reason);
    return [
      {
        type: 'tool-approval-response',
        approvalId,
        approved,
        ...(reason === null ? {} : { reason }),
      },
    ];
  }

  #automatic(toolCallId: string, approved: boolean, reason: string | null = null): Chunks {
    const approvalId = `automatic-${this.#next()}`;
    return [
      { type: 'tool-approval-request', approvalId, toolCallId, isAutomatic: true },
      {
        type: 'tool-approval-response',
        approvalId,
        approved,
        ...(reason === null ? {} : { reason }),
      },
    ];
  }

  /** Returns the call of a request. codex-rs does not name the call of an MCP tool. */
  #callFor(request: ApprovalRequest): Call | undefined {
    if (request.itemId !== null) return this.#calls.get(request.itemId);
    if (request.kind !== 'mcpToolCall') return undefined;
    const name = `${request.serverName}.${request.toolName}`;
    return [...this.#calls.values()].find(
      ({ tool, isAsked }) => tool.toolName === name && !isAsked,
    );
  }

  #next(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }
}

interface Call {
  readonly tool: ItemTool;
  /** The reported input, as JSON. */
  readonly input: string;
  output: string;
  isAsked: boolean;
}

interface Asked {
  readonly request: ApprovalRequest;
  readonly toolCallId: string;
  /** Whether the call was created for the request. */
  readonly isOwnCall: boolean;
  /** The id for the client's answer, or null while the client cannot answer. */
  approvalId: string | null;
}

function callOf({ toolCallId, toolName, isDynamic, input }: ItemTool): CodexUIMessageChunk {
  return {
    type: 'tool-input-available',
    toolCallId,
    toolName,
    input,
    providerExecuted: true,
    ...(isDynamic ? { dynamic: true } : {}),
  };
}

function resultOf(toolCallId: string, outcome: EndedOutcome): Chunks {
  switch (outcome.state) {
    case 'done':
      return [{ type: 'tool-output-available', toolCallId, output: outcome.output }];
    case 'denied':
      return [{ type: 'tool-output-denied', toolCallId }];
    case 'failed':
      return [{ type: 'tool-output-error', toolCallId, errorText: outcome.errorText }];
    default:
      return outcome satisfies never;
  }
}

/** Returns a request as JSON, without the labels, which may be intended for the server only. */
export function shown(request: ApprovalRequest): Record<string, unknown> {
  const fields = JSON.parse(JSON.stringify(request)) as Record<string, unknown>;
  delete fields.labels;
  return fields;
}

function isAbout(report: ApprovalReport, request: ApprovalRequest): boolean {
  return (
    report.kind === request.kind &&
    report.threadId === request.threadId &&
    report.itemId === request.itemId
  );
}
