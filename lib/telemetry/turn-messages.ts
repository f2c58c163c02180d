/** A turn is about to be sent to codex-rs; once more after a refusal that is no final one. @inline */
export interface TurnSendMessage {
  /** The thread. */
  readonly threadId: string;
  /** What the turn is known by until codex-rs gives it an id: the id of its input message. */
  readonly clientMessageId: string;
  /** The labels of the thread value that runs it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The model that is to answer. */
  readonly model: string;
  /** The id of the provider that is to be asked, as codex-rs's configuration names it. */
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
  /** The model that answers. */
  readonly model: string;
  /** The id of the provider that is asked, as codex-rs's configuration names it. */
  readonly modelProvider: string;
}

/** What was said in a turn. This is the only message with content. @inline */
export interface TurnContentMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** Whether it was said to the model or by it. */
  readonly role: 'user' | 'assistant';
  /** The text of the input, or of the final response. */
  readonly text: string;
}

/** The provider failed and codex-rs tries again by itself. @inline */
export interface TurnRetryMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** codex-rs's words, such as `Reconnecting... 1/5`. */
  readonly message: string;
}

/** codex-rs told of a turn what this version has no event for; its reader got it as an `unknown` event. @inline */
export interface TurnUnknownMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The method of the notification. */
  readonly method: string;
}

/** A turn was stopped: by its caller, its signal or its time limit. What a `StopReport` says. @inline */
export interface TurnStopMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn, or null when codex-rs never gave it an id. */
  readonly turnId: string | null;
  /** Whether codex-rs accepted the interrupt. */
  readonly acknowledged: boolean;
  /** How many commands were ended that the interrupt had left running. */
  readonly commandsEnded: number;
  /** Whether codex-rs had to be replaced by a new process. */
  readonly processRecycled: boolean;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** What became of a turn whose acknowledgement was lost: a `ReconciledTurn`. @inline */
export interface TurnReconcileMessage {
  /** The thread. */
  readonly threadId: string;
  /** The id of the turn's input message. */
  readonly clientMessageId: string;
  /** Whether it was found in the thread's history. */
  readonly status: string;
  /** The turn, or null when it was not found. */
  readonly turnId: string | null;
  /** How the turn stands, or null when it was not found. */
  readonly turnStatus: string | null;
}

/** An item of a turn began or is done. @inline */
export interface ItemMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The item. */
  readonly itemId: string;
  /** The item's type, such as `commandExecution`. */
  readonly itemType: string;
  /** The item's own status, or null for a type that has none. */
  readonly status: string | null;
}

/** A turn is over. @inline */
export interface TurnEndMessage {
  /** The thread, or null when it never got an id. */
  readonly threadId: string | null;
  /** The turn, or null when it never began. */
  readonly turnId: string | null;
  /** The id of its input message. */
  readonly clientMessageId: string;
  /** How it ended. */
  readonly status: string;
  /** The tokens it spent, or null when the provider reported nothing. */
  readonly totalTokens: number | null;
  /** Of these, what was sent; null when the provider reported nothing. */
  readonly inputTokens: number | null;
  /** Of the input, what the provider had in its cache; null when it reported nothing. */
  readonly cachedInputTokens: number | null;
  /** Of the input, what was written into that cache; null when the provider reported nothing. */
  readonly cacheWriteInputTokens: number | null;
  /** Of these, what came back; null when the provider reported nothing. */
  readonly outputTokens: number | null;
  /** Of the output, what was reasoning; null when the provider reported nothing. */
  readonly reasoningOutputTokens: number | null;
  /** How long it took from being accepted, in milliseconds, or null when it never began. */
  readonly durationMs: number | null;
  /** The code of the error it ended with, or null. */
  readonly errorCode: string | null;
}
