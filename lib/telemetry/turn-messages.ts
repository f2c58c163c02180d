/** A turn is about to be sent to codex-rs; repeated after a refusal that is not final. @inline */
export interface TurnSendMessage {
  /** The thread. */
  readonly threadId: string;
  /** The id of its input message, which identifies the turn until codex-rs assigns an id. */
  readonly clientMessageId: string;
  /** The labels of the thread value that runs it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The requested model. */
  readonly model: string;
  /** The id of the requested provider in codex-rs's configuration. */
  readonly modelProvider: string;
}

/** A turn began. @inline */
export interface TurnStartMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The id of its input message. */
  readonly clientMessageId: string;
  /** The labels of the thread value that runs it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The model. */
  readonly model: string;
  /** The id of the provider in codex-rs's configuration. */
  readonly modelProvider: string;
}

/** A text of a turn. The only message with content. @inline */
export interface TurnContentMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** Whether the text is from the user or from the model. */
  readonly role: 'user' | 'assistant';
  /** The text of the input, or of the final response. */
  readonly text: string;
}

/** The provider failed and codex-rs retries. @inline */
export interface TurnRetryMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The message of codex-rs, such as `Reconnecting... 1/5`. */
  readonly message: string;
}

/**
 * codex-rs sent something about a turn for which this version has no event; its reader got an `unknown` event.
 *
 * @inline
 */
export interface TurnUnknownMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The method of the notification. */
  readonly method: string;
}

/** A turn was stopped by its caller, its signal or its timeout: a `StopReport`. @inline */
export interface TurnStopMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn, or null if it never got an id. */
  readonly turnId: string | null;
  /** Whether codex-rs accepted the interrupt. */
  readonly acknowledged: boolean;
  /** The number of commands that were ended because the interrupt had left them running. */
  readonly commandsEnded: number;
  /** Whether codex-rs had to be replaced by a new process. */
  readonly processRecycled: boolean;
  /** The duration, in milliseconds. */
  readonly durationMs: number;
}

/** The outcome of a turn whose acknowledgement was lost: a `ReconciledTurn`. @inline */
export interface TurnReconcileMessage {
  /** The thread. */
  readonly threadId: string;
  /** The id of the turn's input message. */
  readonly clientMessageId: string;
  /** Whether it was found in the thread's history. */
  readonly status: string;
  /** The turn, or null if it was not found. */
  readonly turnId: string | null;
  /** The status of the turn, or null if it was not found. */
  readonly turnStatus: string | null;
}

/** An item of a turn began or ended. @inline */
export interface ItemMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The item. */
  readonly itemId: string;
  /** The item's type, such as `commandExecution`. */
  readonly itemType: string;
  /** The item's status, or null for a type without one. */
  readonly status: string | null;
}

/** A turn ended. @inline */
export interface TurnEndMessage {
  /** The thread, or null if it never got an id. */
  readonly threadId: string | null;
  /** The turn, or null if it never began. */
  readonly turnId: string | null;
  /** The id of its input message. */
  readonly clientMessageId: string;
  /** Its final status. */
  readonly status: string;
  /** Total tokens, or null if the provider did not report usage. */
  readonly totalTokens: number | null;
  /** Input tokens, or null if the provider did not report usage. */
  readonly inputTokens: number | null;
  /** Input tokens read from the provider's cache, or null if the provider did not report usage. */
  readonly cachedInputTokens: number | null;
  /** Input tokens written to that cache, or null if the provider did not report usage. */
  readonly cacheWriteInputTokens: number | null;
  /** Output tokens, or null if the provider did not report usage. */
  readonly outputTokens: number | null;
  /** Output tokens used for reasoning, or null if the provider did not report usage. */
  readonly reasoningOutputTokens: number | null;
  /** The duration since the turn was accepted, in milliseconds, or null if it never began. */
  readonly durationMs: number | null;
  /** The code of its error, or null. */
  readonly errorCode: string | null;
}
