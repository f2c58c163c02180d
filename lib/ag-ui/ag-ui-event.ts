import type { ThreadItem } from '../protocol/index.js';
import type { TurnUsage } from '../turn/usage.js';

/**
 * An event of the AG-UI protocol, as `@ag-ui/core` defines it. `type` is a string instead of a member of its enum
 * `EventType`, so that this package does not depend on it.
 */
export type AgUiEvent =
  | {
      /** Discriminator. */
      readonly type: 'RUN_STARTED';
      /** The thread of the client, or that of the turn. */
      readonly threadId: string;
      /** The run of the client, or the id of the turn. */
      readonly runId: string;
      /** The thread and the turn of codex-rs. */
      readonly metadata: {
        /** Their ids. */
        readonly codex: {
          /** The thread. */
          readonly threadId: string;
          /** The turn. */
          readonly turnId: string;
        };
      };
    }
  | {
      /** Discriminator. */
      readonly type: 'RUN_FINISHED';
      /** As in `RUN_STARTED`. */
      readonly threadId: string;
      /** As in `RUN_STARTED`. */
      readonly runId: string;
      /** Whether the turn completed or was stopped. */
      readonly outcome: {
        /** Discriminator. */
        readonly type: 'success' | 'cancelled';
      };
      /** The token usage of the turn; absent if the provider did not report it. */
      readonly usage?: readonly AgUiTokenUsage[];
    }
  | {
      /** Discriminator. */
      readonly type: 'RUN_ERROR';
      /** The message for the user. */
      readonly message: string;
      /** The code of the error. */
      readonly code: string;
      /** The token usage of the turn; absent if the provider did not report it. */
      readonly usage?: readonly AgUiTokenUsage[];
    }
  | {
      /** Discriminator. */
      readonly type: 'TEXT_MESSAGE_START';
      /** The id of the item. */
      readonly messageId: string;
      /** Always the assistant. */
      readonly role: 'assistant';
      /** Whether the message is commentary or the answer. */
      readonly metadata: {
        /** Properties of codex-rs. */
        readonly codex: {
          /** The phase of the message; null if the model does not specify it. */
          readonly phase: string | null;
        };
      };
    }
  | {
      /** Discriminator. */
      readonly type: 'REASONING_MESSAGE_START';
      /** The id of the part of the reasoning. */
      readonly messageId: string;
      /** Always reasoning. */
      readonly role: 'reasoning';
    }
  | {
      /** Discriminator. */
      readonly type: 'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT';
      /** The id of the message. */
      readonly messageId: string;
      /** The text to append. */
      readonly delta: string;
    }
  | {
      /** Discriminator. */
      readonly type:
        'TEXT_MESSAGE_END' | 'REASONING_START' | 'REASONING_MESSAGE_END' | 'REASONING_END';
      /** The id of the message. */
      readonly messageId: string;
    }
  | {
      /** Discriminator. */
      readonly type: 'TOOL_CALL_START';
      /** The id of the item. */
      readonly toolCallId: string;
      /** `command`, `fileChange`, `webSearch`, `imageView`, `subagent`, or the name of a tool of an MCP server or of the thread. */
      readonly toolCallName: string;
    }
  | {
      /** Discriminator. */
      readonly type: 'TOOL_CALL_ARGS';
      /** The call. */
      readonly toolCallId: string;
      /** The whole input, as JSON. */
      readonly delta: string;
    }
  | {
      /** Discriminator. */
      readonly type: 'TOOL_CALL_END';
      /** The call. */
      readonly toolCallId: string;
    }
  | {
      /** Discriminator. */
      readonly type: 'TOOL_CALL_RESULT';
      /** The id of the message with the result. */
      readonly messageId: string;
      /** The call. */
      readonly toolCallId: string;
      /** Always a tool. */
      readonly role: 'tool';
      /** Text, or JSON. */
      readonly content: string;
      /** How the call ended. */
      readonly metadata: {
        /** Properties of codex-rs. */
        readonly codex: {
          /** The state of the call. */
          readonly state: 'done' | 'failed' | 'denied';
        };
      };
    }
  | {
      /** Discriminator. */
      readonly type: 'ACTIVITY_SNAPSHOT';
      /** The id of the message: one of each kind for a turn. */
      readonly messageId: string;
      /** The plan of the model, or the file changes of the turn so far as a unified diff. */
      readonly activityType: 'codex.plan' | 'codex.diff';
      /** `{ explanation, plan }` or `{ diff }`. */
      readonly content: Readonly<Record<string, unknown>>;
      /** The content replaces the previous one. */
      readonly replace: true;
    }
  | AgUiCustomEvent;

/** The values of the `CUSTOM` events, by their name. */
export interface AgUiCustomValues {
  /** A request in the queue of approvals waits for a decision. */
  readonly 'codex.approval.requested': {
    /** The id to pass to `QueuedApprovals.decide`. */
    readonly id: string;
    /** The request, in the JSON form of an `ApprovalRequest`. */
    readonly request: Readonly<Record<string, unknown>>;
  };
  /** A request was decided. */
  readonly 'codex.approval.resolved': {
    /** The tool call of the request, or null. */
    readonly toolCallId: string | null;
    /** The decision, or null. */
    readonly decision: string | null;
    /** The reason, or null. */
    readonly reason: string | null;
  };
  /** More output of a command. */
  readonly 'codex.command.output': {
    /** The call of the command. */
    readonly toolCallId: string;
    /** The text to append. */
    readonly text: string;
  };
  /** An item that is neither a text, reasoning nor a tool call. */
  readonly 'codex.item': ThreadItem;
  /** A retry, a warning, or a lost or restored connection. */
  readonly 'codex.notice': {
    /** The type of the event. */
    readonly kind: 'turn.retrying' | 'warning' | 'connection.lost' | 'connection.restored';
    /** The message of codex-rs, empty for `connection.restored`. */
    readonly message: string;
  };
  /** The text of a message differs from its deltas: AG-UI has no event that takes back a text. */
  readonly 'codex.text.replaced': {
    /** The message. */
    readonly messageId: string;
    /** The whole text; empty if the message is not in the history. */
    readonly text: string;
  };
  /** The token usage so far. */
  readonly 'codex.usage': {
    /** The usage of this turn. */
    readonly usage: TurnUsage;
    /** The usage of the whole thread. */
    readonly threadUsage: TurnUsage;
  };
}

/** An event with one of the {@link AgUiCustomValues}. @inline */
export type AgUiCustomEvent = {
  [Name in keyof AgUiCustomValues]: {
    /** Discriminator. */
    readonly type: 'CUSTOM';
    /** The name of the event. */
    readonly name: Name;
    /** The value. */
    readonly value: AgUiCustomValues[Name];
  };
}[keyof AgUiCustomValues];

/** Token usage in the names of AG-UI. */
export interface AgUiTokenUsage {
  /** All tokens sent to the model. */
  readonly inputTokens: number;
  /** The part of the input that came from the provider's cache. */
  readonly cachedInputTokens: number;
  /** The part of the input that was written to the provider's cache. */
  readonly cacheWriteInputTokens: number;
  /** All tokens the model produced. */
  readonly outputTokens: number;
  /** The part of the output that was reasoning. */
  readonly reasoningTokens: number;
  /** Input plus output. */
  readonly totalTokens: number;
}
