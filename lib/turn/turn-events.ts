import type { McpUpdatedEvent, WarningEvent } from '../loaded/thread-notices.js';
import type { ApprovalReport } from '../approvals/approval-report.js';
import type { ApprovalRequest } from '../approvals/approval-request.js';
import type { MessagePhase, ThreadItem, TurnError, TurnPlanStep } from '../protocol/index.js';
import type { TurnUsage } from './usage.js';

/** The events of a turn by their `type`, such as `TurnEvents['text.delta']`. */
export interface TurnEvents {
  /** The thread has an id now; the first event of the first turn of a new thread. */
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

  /** The turn is over and did what it could. */
  readonly 'turn.completed': {
    /** Discriminator. */
    readonly type: 'turn.completed';
    /** The turn's id. */
    readonly turnId: string;
    /** What the turn spent, or null when the provider reported nothing. */
    readonly usage: TurnUsage | null;
  };

  /** The turn failed; iteration throws the `TurnFailedError` right after this event. */
  readonly 'turn.failed': {
    /** Discriminator. */
    readonly type: 'turn.failed';
    /** The turn's id. */
    readonly turnId: string;
    /** codex-rs's own account of what went wrong. */
    readonly error: TurnError;
  };

  /** The turn was stopped before it was done. */
  readonly 'turn.interrupted': {
    /** Discriminator. */
    readonly type: 'turn.interrupted';
    /** The turn's id. */
    readonly turnId: string;
  };

  /** The provider failed and codex-rs tries again by itself: a notice, never an error. */
  readonly 'turn.retrying': {
    /** Discriminator. */
    readonly type: 'turn.retrying';
    /** codex-rs's words, such as `Reconnecting... 1/5`. */
    readonly message: string;
    /** codex-rs's own account of what went wrong. */
    readonly error: TurnError;
  };

  /** An item began. */
  readonly 'item.started': ItemEvent<'item.started'>;

  /** An item changed. */
  readonly 'item.updated': ItemEvent<'item.updated'>;

  /** An item is done. */
  readonly 'item.completed': ItemEvent<'item.completed'>;

  /**
   * More text of an agent message. All of an item's deltas in order give its text, unless a `text.replaced` follows. The text
   * that a provider does not stream comes when the item completes.
   */
  readonly 'text.delta': {
    /** Discriminator. */
    readonly type: 'text.delta';
    /** The agent message it belongs to. */
    readonly itemId: string;
    /** The text to append. */
    readonly text: string;
    /** Whether the message is commentary on the way or the answer; null when the model does not say. */
    readonly phase: MessagePhase | null;
  };

  /**
   * The text of an agent message as it finally stands, where it differs from its deltas: empty for a message that was cut
   * short by a failing provider or by steering, since the model began anew and the message is in no history.
   */
  readonly 'text.replaced': {
    /** Discriminator. */
    readonly type: 'text.replaced';
    /** The agent message it belongs to. */
    readonly itemId: string;
    /** The whole text, in place of all earlier deltas of this item. */
    readonly text: string;
    /** Whether the message is commentary on the way or the answer; null when the model does not say. */
    readonly phase: MessagePhase | null;
  };

  /** More of the model's reasoning. The text that a provider does not stream comes when the item completes. */
  readonly 'reasoning.delta': {
    /** Discriminator. */
    readonly type: 'reasoning.delta';
    /** The reasoning item it belongs to. */
    readonly itemId: string;
    /** The text to append. */
    readonly text: string;
    /** `summary` is meant for readers; `content` is raw reasoning, which few providers give. */
    readonly part: 'summary' | 'content';
    /** Which part of the summary or content, from 0. */
    readonly index: number;
  };

  /**
   * More output of a command. All of an item's pieces in order give the `aggregatedOutput` of the completed item, unless a
   * `command.replaced` follows. The first piece waits up to 2 s for the end of the command: codex-rs does not stream what a
   * command writes at its very start, and this way the output of a short command is complete and in order.
   */
  readonly 'command.output': {
    /** Discriminator. */
    readonly type: 'command.output';
    /** The command's item. */
    readonly itemId: string;
    /** Standard output and standard error, as they came. */
    readonly text: string;
  };

  /**
   * The output of a command as its completed item has it, where it differs from its pieces: the beginning of a command that
   * ran for longer was not streamed, or codex-rs shortened a long output.
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
    /** Why, in the model's words. */
    readonly explanation: string | null;
    /** The whole plan. */
    readonly plan: readonly TurnPlanStep[];
  };

  /** One more model request was billed. */
  readonly 'usage.updated': {
    /** Discriminator. */
    readonly type: 'usage.updated';
    /** What this turn spent so far. */
    readonly usage: TurnUsage;
    /** What the whole thread spent so far. */
    readonly threadUsage: TurnUsage;
  };

  /**
   * codex-rs warns about the thread: of settings that it ignores, instructions that it shortened, a model that it does not
   * know. Warnings since the thread's last turn come right behind `turn.started`; those that concern no single thread are
   * only on the channel `telemetry.warning`.
   */
  readonly warning: WarningEvent;

  /**
   * An MCP server of the thread is starting, is ready, or is not there for this turn. The newest state of each server since
   * the thread's last turn comes right behind `turn.started`.
   */
  readonly 'mcp.updated': McpUpdatedEvent;

  /**
   * The connection to a server that lives by itself was lost in the middle of the turn, which goes on there. It is sought again
   * for as long as the transport says (`reconnectMs`).
   */
  readonly 'connection.lost': {
    /** Discriminator. */
    readonly type: 'connection.lost';
    /** What is known of the loss. */
    readonly message: string;
  };

  /**
   * The turn was found again. What has completed meanwhile comes right behind; the rest of a text that was being said comes
   * when it is complete.
   */
  readonly 'connection.restored': {
    /** Discriminator. */
    readonly type: 'connection.restored';
    /** How long there was no connection, in milliseconds. */
    readonly lostMs: number;
  };

  /** codex-rs asks for permission, and a handler is about to be asked. */
  readonly 'approval.requested': {
    /** Discriminator. */
    readonly type: 'approval.requested';
    /** What is asked. */
    readonly request: ApprovalRequest;
  };

  /** A request for permission has got its answer. */
  readonly 'approval.resolved': {
    /** Discriminator. */
    readonly type: 'approval.resolved';
    /** What was decided, and how that came about. */
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
    /** The notification's parameters as they came. */
    readonly params: unknown;
  };

  /** Something this version of the library has no name for; nothing that arrives for the turn is dropped. */
  readonly unknown: {
    /** Discriminator. */
    readonly type: 'unknown';
    /** The notification's method. */
    readonly method: string;
    /** The notification's parameters as they came. */
    readonly params: unknown;
  };
}

/** Everything that can happen in a turn, told apart by `type`. */
export type TurnEvent = TurnEvents[keyof TurnEvents];

/** An item began, changed or is done. @inline */
interface ItemEvent<Type extends string> {
  /** Discriminator. */
  readonly type: Type;
  /** The wire's own thread item, complete as of now. */
  readonly item: ThreadItem;
}
