import type { McpUpdatedEvent, WarningEvent } from '../loaded/thread-notices.js';
import type { ApprovalReport } from '../approvals/approval-report.js';
import type { ApprovalRequest } from '../approvals/approval-request.js';
import type { MessagePhase, ThreadItem, TurnError, TurnPlanStep } from '../protocol/index.js';
import type { TurnUsage } from './usage.js';

/** The events of a turn by their `type`, such as `TurnEvents['text.delta']`. */
export interface TurnEvents {
  /** The thread has an id; the first event of the first turn of a new thread. */
  readonly 'thread.started': {
    /** Discriminator. */
    readonly type: 'thread.started';
    /** The id codex-rs gave the thread. */
    readonly threadId: string;
  };

  /** codex-rs accepted the turn. */
  readonly 'turn.started': {
    /** Discriminator. */
    readonly type: 'turn.started';
    /** The thread it runs on. */
    readonly threadId: string;
    /** The id codex-rs gave the turn. */
    readonly turnId: string;
  };

  /** The turn completed. */
  readonly 'turn.completed': {
    /** Discriminator. */
    readonly type: 'turn.completed';
    /** The turn's id. */
    readonly turnId: string;
    /** The turn's token usage, or null if the provider reported none. */
    readonly usage: TurnUsage | null;
  };

  /** The turn failed; iteration throws the `TurnFailedError` right after this event. */
  readonly 'turn.failed': {
    /** Discriminator. */
    readonly type: 'turn.failed';
    /** The turn's id. */
    readonly turnId: string;
    /** The error as reported by codex-rs. */
    readonly error: TurnError;
  };

  /** The turn was stopped before it was done. */
  readonly 'turn.interrupted': {
    /** Discriminator. */
    readonly type: 'turn.interrupted';
    /** The turn's id. */
    readonly turnId: string;
  };

  /** The provider failed and codex-rs retries automatically: a notice, never an error. */
  readonly 'turn.retrying': {
    /** Discriminator. */
    readonly type: 'turn.retrying';
    /** The message of codex-rs, such as `Reconnecting... 1/5`. */
    readonly message: string;
    /** The error as reported by codex-rs. */
    readonly error: TurnError;
  };

  /** An item began. */
  readonly 'item.started': ItemEvent<'item.started'>;

  /** An item changed. */
  readonly 'item.updated': ItemEvent<'item.updated'>;

  /** An item is done. */
  readonly 'item.completed': ItemEvent<'item.completed'>;

  /**
   * More text of an agent message. All of an item's deltas in order give its text, unless a `text.replaced` follows. Text
   * that a provider does not stream arrives when the item completes.
   */
  readonly 'text.delta': {
    /** Discriminator. */
    readonly type: 'text.delta';
    /** The agent message it belongs to. */
    readonly itemId: string;
    /** The text to append. */
    readonly text: string;
    /** Whether the message is commentary or the answer; null if the model does not specify it. */
    readonly phase: MessagePhase | null;
  };

  /**
   * The final text of an agent message if it differs from its deltas: empty for a message that a failing provider or
   * steering cut short, since the model started again and the message is not in the history.
   */
  readonly 'text.replaced': {
    /** Discriminator. */
    readonly type: 'text.replaced';
    /** The agent message it belongs to. */
    readonly itemId: string;
    /** The whole text, in place of all earlier deltas of this item. */
    readonly text: string;
    /** Whether the message is commentary or the answer; null if the model does not specify it. */
    readonly phase: MessagePhase | null;
  };

  /** More of the model's reasoning. Text that a provider does not stream arrives when the item completes. */
  readonly 'reasoning.delta': {
    /** Discriminator. */
    readonly type: 'reasoning.delta';
    /** The reasoning item it belongs to. */
    readonly itemId: string;
    /** The text to append. */
    readonly text: string;
    /** `summary` is meant for readers; `content` is raw reasoning, which few providers return. */
    readonly part: 'summary' | 'content';
    /** The index of the part of the summary or content, from 0. */
    readonly index: number;
  };

  /**
   * More output of a command. All of an item's pieces in order give the `aggregatedOutput` of the completed item, unless a
   * `command.replaced` follows. The first piece waits up to 2 s for the end of the command: codex-rs does not stream the
   * first output of a command, and the delay makes the output of a short command complete and in order.
   */
  readonly 'command.output': {
    /** Discriminator. */
    readonly type: 'command.output';
    /** The command's item. */
    readonly itemId: string;
    /** Standard output and standard error, in order of arrival. */
    readonly text: string;
  };

  /**
   * The output of a command from its completed item if it differs from its pieces: the beginning of a longer command was
   * not streamed, or codex-rs shortened a long output.
   */
  readonly 'command.replaced': {
    /** Discriminator. */
    readonly type: 'command.replaced';
    /** The command's item. */
    readonly itemId: string;
    /** The whole output, in place of all earlier pieces of this item. */
    readonly text: string;
  };

  /** All file changes of the turn so far. */
  readonly 'turn.diff': {
    /** Discriminator. */
    readonly type: 'turn.diff';
    /** A unified diff. */
    readonly diff: string;
  };

  /** The model's plan changed. */
  readonly 'plan.updated': {
    /** Discriminator. */
    readonly type: 'plan.updated';
    /** The reason, in the model's words. */
    readonly explanation: string | null;
    /** The whole plan. */
    readonly plan: readonly TurnPlanStep[];
  };

  /** One more model request was billed. */
  readonly 'usage.updated': {
    /** Discriminator. */
    readonly type: 'usage.updated';
    /** The usage of this turn so far. */
    readonly usage: TurnUsage;
    /** The usage of the whole thread so far. */
    readonly threadUsage: TurnUsage;
  };

  /**
   * A warning of codex-rs about the thread: ignored settings, shortened instructions, an unknown model. Warnings since the
   * thread's last turn follow `turn.started`; warnings about no specific thread are only on the channel
   * `telemetry.warning`.
   */
  readonly warning: WarningEvent;

  /**
   * An MCP server of the thread is starting, ready, or unavailable for this turn. The latest state of each server since the
   * thread's last turn follows `turn.started`.
   */
  readonly 'mcp.updated': McpUpdatedEvent;

  /**
   * The connection to an independent server was lost during the turn, which continues there. The client tries to reconnect
   * for the time set by the transport (`reconnectMs`).
   */
  readonly 'connection.lost': {
    /** Discriminator. */
    readonly type: 'connection.lost';
    /** The error that describes the loss. */
    readonly message: string;
  };

  /**
   * The turn was found again. Events of items completed meanwhile follow immediately; the rest of a partly streamed text
   * follows when it is complete.
   */
  readonly 'connection.restored': {
    /** Discriminator. */
    readonly type: 'connection.restored';
    /** The duration without a connection, in milliseconds. */
    readonly lostMs: number;
  };

  /** codex-rs requests an approval; the handler is called next. */
  readonly 'approval.requested': {
    /** Discriminator. */
    readonly type: 'approval.requested';
    /** The request. */
    readonly request: ApprovalRequest;
  };

  /** An approval request was answered. */
  readonly 'approval.resolved': {
    /** Discriminator. */
    readonly type: 'approval.resolved';
    /** The decision and its source. */
    readonly report: ApprovalReport;
  };

  /** Something happened on the thread of a sub-agent that this turn started. It never ends, changes or bills this turn. */
  readonly 'subagent.event': {
    /** Discriminator. */
    readonly type: 'subagent.event';
    /** The sub-agent's own thread. */
    readonly threadId: string;
    /** The notification's method, such as `item/completed`. */
    readonly method: string;
    /** The notification's parameters, unchanged. */
    readonly params: unknown;
  };

  /** A notification unknown to this version of the library; no notification of the turn is dropped. */
  readonly unknown: {
    /** Discriminator. */
    readonly type: 'unknown';
    /** The notification's method. */
    readonly method: string;
    /** The notification's parameters, unchanged. */
    readonly params: unknown;
  };
}

/** Any event of a turn, discriminated by `type`. */
export type TurnEvent = TurnEvents[keyof TurnEvents];

/** An item began, changed or is done. @inline */
interface ItemEvent<Type extends string> {
  /** Discriminator. */
  readonly type: Type;
  /** The thread item in wire format, complete as of this event. */
  readonly item: ThreadItem;
}
