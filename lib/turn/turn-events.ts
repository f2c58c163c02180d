import type { McpUpdatedEvent, WarningEvent } from '../loaded/thread-notices.js';
import type { ApprovalReport } from '../approvals/approval-report.js';
import type { ApprovalRequest } from '../approvals/approval-request.js';
import type { MessagePhase, ThreadItem, TurnError, TurnPlanStep } from '../protocol/index.js';
import type { TurnUsage } from './usage.js';

/** The thread has an id now; the first event of the first turn of a new thread. */
export interface ThreadStartedEvent {
  /** Tells the events apart. */
  readonly type: 'thread.started';
  /** The id codex-rs gave the thread. */
  readonly threadId: string;
}

/** codex-rs accepted the turn. */
export interface TurnStartedEvent {
  /** Tells the events apart. */
  readonly type: 'turn.started';
  /** The thread it runs on. */
  readonly threadId: string;
  /** The id codex-rs gave the turn. */
  readonly turnId: string;
}

/** The turn is over and did what it could. */
export interface TurnCompletedEvent {
  /** Tells the events apart. */
  readonly type: 'turn.completed';
  /** The turn's id. */
  readonly turnId: string;
  /** What the turn spent, or null when the provider reported nothing. */
  readonly usage: TurnUsage | null;
}

/** The turn failed; iteration throws the `TurnFailedError` right after this event. */
export interface TurnFailedEvent {
  /** Tells the events apart. */
  readonly type: 'turn.failed';
  /** The turn's id. */
  readonly turnId: string;
  /** codex-rs's own account of what went wrong. */
  readonly error: TurnError;
}

/** The turn was stopped before it was done. */
export interface TurnInterruptedEvent {
  /** Tells the events apart. */
  readonly type: 'turn.interrupted';
  /** The turn's id. */
  readonly turnId: string;
}

/** The provider failed and codex-rs tries again by itself: a notice, never an error. */
export interface TurnRetryingEvent {
  /** Tells the events apart. */
  readonly type: 'turn.retrying';
  /** codex-rs's words, such as `Reconnecting... 1/5`. */
  readonly message: string;
  /** codex-rs's own account of what went wrong. */
  readonly error: TurnError;
}

/** An item began, changed or is done. */
export interface ItemEvent {
  /** Tells the events apart. */
  readonly type: 'item.started' | 'item.updated' | 'item.completed';
  /** The wire's own thread item, complete as of now. */
  readonly item: ThreadItem;
}

/**
 * More text of an agent message. All of an item's deltas in order give its text, unless a `text.replaced` follows. The text
 * that a provider does not stream comes when the item completes.
 */
export interface TextDeltaEvent {
  /** Tells the events apart. */
  readonly type: 'text.delta';
  /** The agent message it belongs to. */
  readonly itemId: string;
  /** The text to append. */
  readonly text: string;
  /** Whether the message is commentary on the way or the answer; null when the model does not say. */
  readonly phase: MessagePhase | null;
}

/**
 * The text of an agent message as it finally stands, where it differs from its deltas: empty for a message that was cut
 * short by a failing provider or by steering, since the model began anew and the message is in no history.
 */
export interface TextReplacedEvent {
  /** Tells the events apart. */
  readonly type: 'text.replaced';
  /** The agent message it belongs to. */
  readonly itemId: string;
  /** The whole text, in place of all earlier deltas of this item. */
  readonly text: string;
  /** Whether the message is commentary on the way or the answer; null when the model does not say. */
  readonly phase: MessagePhase | null;
}

/** More of the model's reasoning. The text that a provider does not stream comes when the item completes. */
export interface ReasoningDeltaEvent {
  /** Tells the events apart. */
  readonly type: 'reasoning.delta';
  /** The reasoning item it belongs to. */
  readonly itemId: string;
  /** The text to append. */
  readonly text: string;
  /** `summary` is meant for readers; `content` is raw reasoning, which few providers give. */
  readonly part: 'summary' | 'content';
  /** Which part of the summary or content, from 0. */
  readonly index: number;
}

/**
 * More output of a command. All of an item's pieces in order give the `aggregatedOutput` of the completed item, unless a
 * `command.replaced` follows. The first piece waits up to 2 s for the end of the command: codex-rs does not stream what a
 * command writes at its very start, and this way the output of a short command is complete and in order.
 */
export interface CommandOutputEvent {
  /** Tells the events apart. */
  readonly type: 'command.output';
  /** The command's item. */
  readonly itemId: string;
  /** Standard output and standard error, as they came. */
  readonly text: string;
}

/**
 * The output of a command as its completed item has it, where it differs from its pieces: the beginning of a command that
 * ran for longer was not streamed, or codex-rs shortened a long output.
 */
export interface CommandReplacedEvent {
  /** Discriminator. */
  readonly type: 'command.replaced';
  /** The command's item. */
  readonly itemId: string;
  /** The whole output, in place of all earlier pieces of this item. */
  readonly text: string;
}

/** All file changes of the turn so far. */
export interface TurnDiffEvent {
  /** Tells the events apart. */
  readonly type: 'turn.diff';
  /** A unified diff. */
  readonly diff: string;
}

/** The model's plan changed. */
export interface PlanUpdatedEvent {
  /** Tells the events apart. */
  readonly type: 'plan.updated';
  /** Why, in the model's words. */
  readonly explanation: string | null;
  /** The whole plan. */
  readonly plan: readonly TurnPlanStep[];
}

/** One more model request was billed. */
export interface UsageUpdatedEvent {
  /** Tells the events apart. */
  readonly type: 'usage.updated';
  /** What this turn spent so far. */
  readonly usage: TurnUsage;
  /** What the whole thread spent so far. */
  readonly threadUsage: TurnUsage;
}

/**
 * The connection to a server that lives by itself was lost in the middle of the turn, which goes on there. It is sought again
 * for as long as the transport says (`reconnectMs`).
 */
export interface ConnectionLostEvent {
  /** Discriminator. */
  readonly type: 'connection.lost';
  /** What is known of the loss. */
  readonly message: string;
}

/**
 * The turn was found again. What has completed meanwhile comes right behind; the rest of a text that was being said comes
 * when it is complete.
 */
export interface ConnectionRestoredEvent {
  /** Discriminator. */
  readonly type: 'connection.restored';
  /** How long there was no connection, in milliseconds. */
  readonly lostMs: number;
}

/** codex-rs asks for permission, and a handler is about to be asked. */
export interface ApprovalRequestedEvent {
  /** Tells the events apart. */
  readonly type: 'approval.requested';
  /** What is asked. */
  readonly request: ApprovalRequest;
}

/** A request for permission has got its answer. */
export interface ApprovalResolvedEvent {
  /** Tells the events apart. */
  readonly type: 'approval.resolved';
  /** What was decided, and how that came about. */
  readonly report: ApprovalReport;
}

/** Something happened on the thread of a sub-agent that this turn started. It never ends, changes or bills this turn. */
export interface SubagentEvent {
  /** Tells the events apart. */
  readonly type: 'subagent.event';
  /** The sub-agent's own thread. */
  readonly threadId: string;
  /** The notification's method, such as `item/completed`. */
  readonly method: string;
  /** The notification's parameters as they came. */
  readonly params: unknown;
}

/** Something this version of the library has no name for; nothing that arrives for the turn is dropped. */
export interface UnknownEvent {
  /** Tells the events apart. */
  readonly type: 'unknown';
  /** The notification's method. */
  readonly method: string;
  /** The notification's parameters as they came. */
  readonly params: unknown;
}

/** Everything that can happen in a turn, told apart by `type`. */
export type TurnEvent =
  | ThreadStartedEvent
  | TurnStartedEvent
  | TurnCompletedEvent
  | TurnFailedEvent
  | TurnInterruptedEvent
  | TurnRetryingEvent
  | ItemEvent
  | TextDeltaEvent
  | TextReplacedEvent
  | ReasoningDeltaEvent
  | CommandOutputEvent
  | CommandReplacedEvent
  | TurnDiffEvent
  | PlanUpdatedEvent
  | UsageUpdatedEvent
  | ConnectionLostEvent
  | ConnectionRestoredEvent
  | WarningEvent
  | McpUpdatedEvent
  | ApprovalRequestedEvent
  | ApprovalResolvedEvent
  | SubagentEvent
  | UnknownEvent;
