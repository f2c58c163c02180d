import type { ApprovalReport } from '../../approvals/approval-report.js';
import { approvalRequestOf, type ApprovalRequest } from '../../approvals/approval-request.js';
import type { CommandRequest } from '../../approvals/command-request.js';
import type { CodexErrorInfo, ThreadItem, TurnError, TurnPlanStep } from '../../protocol/index.js';
import type {
  ApprovalRequestedEvent,
  ApprovalResolvedEvent,
  CommandOutputEvent,
  CommandReplacedEvent,
  ItemEvent,
  McpUpdatedEvent,
  PlanUpdatedEvent,
  ReasoningDeltaEvent,
  SubagentEvent,
  TextDeltaEvent,
  TextReplacedEvent,
  ThreadStartedEvent,
  TurnCompletedEvent,
  TurnDiffEvent,
  TurnFailedEvent,
  TurnInterruptedEvent,
  TurnRetryingEvent,
  TurnStartedEvent,
  UnknownEvent,
  UsageUpdatedEvent,
  WarningEvent,
} from '../../turn/turn-events.js';
import type { TurnUsage } from '../../turn/usage.js';
import { stubThreadId, stubTurnId, turnUsage } from './turn-result-builder.js';

/** What a builder of an event may be given besides what the event says: everything else that it has. */
export type EventProps<Event> = Partial<Omit<Event, 'type'>>;

/** The thread has an id now. */
export function threadStarted(threadId: string = stubThreadId): ThreadStartedEvent {
  return { type: 'thread.started', threadId };
}

/** codex-rs accepted the turn. */
export function turnStarted(props: EventProps<TurnStartedEvent> = {}): TurnStartedEvent {
  return { type: 'turn.started', threadId: stubThreadId, turnId: stubTurnId, ...props };
}

/** The turn is over and did what it could. */
export function turnCompleted(props: EventProps<TurnCompletedEvent> = {}): TurnCompletedEvent {
  return { type: 'turn.completed', turnId: stubTurnId, usage: turnUsage(), ...props };
}

/** The turn failed. */
export function turnFailed(
  error: string | TurnError = 'It failed.',
  { turnId = stubTurnId }: Pick<EventProps<TurnFailedEvent>, 'turnId'> = {},
): TurnFailedEvent {
  return { type: 'turn.failed', turnId, error: turnError(error) };
}

/** The turn was stopped before it was done. */
export function turnInterrupted(turnId: string = stubTurnId): TurnInterruptedEvent {
  return { type: 'turn.interrupted', turnId };
}

/** The provider failed and codex-rs tries again by itself. */
export function turnRetrying(error: string | TurnError = 'Reconnecting... 1/5'): TurnRetryingEvent {
  const given = turnError(error);
  return { type: 'turn.retrying', message: given.message, error: given };
}

/** An item began. */
export function itemStarted(item: ThreadItem): ItemEvent {
  return { type: 'item.started', item };
}

/** An item changed. */
export function itemUpdated(item: ThreadItem): ItemEvent {
  return { type: 'item.updated', item };
}

/** An item is done. */
export function itemCompleted(item: ThreadItem): ItemEvent {
  return { type: 'item.completed', item };
}

/** More text of an agent message: of `msg_1`, as {@link agentMessage} has it, unless `itemId` says otherwise. */
export function textDelta(text: string, props: EventProps<TextDeltaEvent> = {}): TextDeltaEvent {
  return { type: 'text.delta', itemId: 'msg_1', phase: null, ...props, text };
}

/** The text of an agent message as it finally stands. */
export function textReplaced(
  text: string,
  props: EventProps<TextReplacedEvent> = {},
): TextReplacedEvent {
  return { type: 'text.replaced', itemId: 'msg_1', phase: null, ...props, text };
}

/** More of the model's reasoning: of its first summary, unless the properties say otherwise. */
export function reasoningDelta(
  text: string,
  props: EventProps<ReasoningDeltaEvent> = {},
): ReasoningDeltaEvent {
  return { type: 'reasoning.delta', itemId: 'rs_1', part: 'summary', index: 0, ...props, text };
}

/** More output of a running command. */
export function commandOutput(
  text: string,
  props: EventProps<CommandOutputEvent> = {},
): CommandOutputEvent {
  return { type: 'command.output', itemId: 'call_1', ...props, text };
}

/** The output of a command as its completed item has it. */
export function commandReplaced(
  text: string,
  props: EventProps<CommandReplacedEvent> = {},
): CommandReplacedEvent {
  return { type: 'command.replaced', itemId: 'call_1', ...props, text };
}

/** All file changes of the turn so far. */
export function turnDiff(diff: string): TurnDiffEvent {
  return { type: 'turn.diff', diff };
}

/** The model's plan changed. */
export function planUpdated(
  plan: readonly TurnPlanStep[],
  explanation: string | null = null,
): PlanUpdatedEvent {
  return { type: 'plan.updated', explanation, plan };
}

/** One more model request was billed. */
export function usageUpdated(
  usage: Partial<TurnUsage> = {},
  threadUsage: Partial<TurnUsage> = usage,
): UsageUpdatedEvent {
  const [turn, thread] = [turnUsage(usage), turnUsage(threadUsage)];
  return { type: 'usage.updated', usage: turn, threadUsage: thread };
}

/** codex-rs warns about the thread. */
export function warning(message: string): WarningEvent {
  return { type: 'warning', message };
}

/** An MCP server is ready, unless the properties say otherwise. */
export function mcpUpdated(
  server: string,
  props: EventProps<McpUpdatedEvent> = {},
): McpUpdatedEvent {
  return { type: 'mcp.updated', status: 'ready', error: null, ...props, server };
}

/** codex-rs asks for permission: {@link commandRequest} makes what it asks. */
export function approvalRequested(request: ApprovalRequest): ApprovalRequestedEvent {
  return { type: 'approval.requested', request };
}

/** A request for permission was allowed, unless the properties say otherwise. */
export function approvalResolved(report: Partial<ApprovalReport> = {}): ApprovalResolvedEvent {
  return {
    type: 'approval.resolved',
    report: {
      method: 'item/commandExecution/requestApproval',
      kind: 'command',
      threadId: stubThreadId,
      turnId: stubTurnId,
      itemId: 'call_1',
      decision: 'allow',
      reason: null,
      why: 'handler',
      error: undefined,
      waitedMs: 0,
      ...report,
    },
  };
}

/** Something happened on the thread of a sub-agent. */
export function subagentEvent(
  method: string,
  props: EventProps<SubagentEvent> = {},
): SubagentEvent {
  return {
    type: 'subagent.event',
    threadId: '00000000-0000-7000-8000-000000000003',
    params: {},
    ...props,
    method,
  };
}

/** Something that this version of the library has no name for. */
export function unknownEvent(method: string, params: unknown = {}): UnknownEvent {
  return { type: 'unknown', method, params };
}

/** codex-rs's own account of a failure. */
export function turnError(
  error: string | TurnError,
  codexErrorInfo: CodexErrorInfo | null = null,
): TurnError {
  if (typeof error !== 'string') return error;
  return { message: error, codexErrorInfo, additionalDetails: null, misalignment: null };
}

/** A request to run a command, as an `ApprovalHandler` gets it. */
export function commandRequest(command: string, reason: string | null = null): CommandRequest {
  const request = approvalRequestOf(
    {
      id: 0,
      method: 'item/commandExecution/requestApproval',
      params: {
        kind: 'command',
        threadId: stubThreadId,
        turnId: stubTurnId,
        itemId: 'call_1',
        startedAtMs: 1_700_000_000_000,
        environmentId: null,
        reason,
        command,
        cwd: '/project',
      },
    },
    { labels: {}, signal: new AbortController().signal, changesOf: () => null },
  );
  return request as CommandRequest;
}
