/** A resume was judged. @inline */
export interface ResumeMessage {
  /** The thread that was asked for. */
  readonly threadId: string;
  /** What the caller may want to know of an accepted thread. */
  readonly warnings: readonly string[];
}

/** A resume was refused; the `ResumeRejectedError` follows. @inline */
export interface ResumeMismatchMessage {
  /** The thread that was asked for. */
  readonly threadId: string;
  /** Why, from the closed set of resume rejections. */
  readonly reason: string;
  /** Why, for people. */
  readonly message: string;
  /** For `stale`: how many turns were added since. */
  readonly advancedBy: number | null;
}

/** A thread was started or loaded. @inline */
export interface ThreadOpenMessage {
  /** The thread. */
  readonly threadId: string;
  /** Whether it is new. */
  readonly isNew: boolean;
  /** Which process of the client has it loaded. */
  readonly generation: number;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** What became of a request for approval: an `ApprovalReport`. @inline */
export interface ApprovalMessage {
  /** The method of the protocol. */
  readonly method: string;
  /** The thread that asked, or null. */
  readonly threadId: string | null;
  /** The turn that asked, or null. */
  readonly turnId: string | null;
  /** The item it is about, or null. */
  readonly itemId: string | null;
  /** What was decided; null for a request that is no approval. */
  readonly decision: string | null;
  /** The reason the handler gave, or null. It is told here and nowhere else. */
  readonly reason: string | null;
  /** How the decision came about. */
  readonly why: string;
  /** How long codex-rs waited for it, in milliseconds. */
  readonly waitedMs: number;
}

/** What became of a call of an in-process tool: a `ToolReport`. @inline */
export interface ToolMessage {
  /** The tool, as the model named it. */
  readonly tool: string;
  /** The call, as codex-rs names it; the item of the call has the same id. */
  readonly callId: string;
  /** The thread that called. */
  readonly threadId: string;
  /** The turn that called. */
  readonly turnId: string;
  /** How it ended; `declined` where the thread has no tools at hand. */
  readonly outcome: string;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A codex-rs was started, could not be started, or is gone. @inline */
export interface ProcessMessage {
  /** What happened. */
  readonly event: 'started' | 'start-failed' | 'ended';
  /** Its process id, or null for a transport without a process. */
  readonly processId: number | null;
  /** Which process of its client it is: 1 for the first, one more after each crash. */
  readonly generation: number;
  /** The code of the error that pending calls got; for `ended`, `closed` when this client ended it; null for `started`. */
  readonly errorCode: string | null;
  /** Why it could not be started, ended, or was replaced; null for `started`. */
  readonly message: string | null;
}

/** Something went wrong off a turn's path; the turn is not affected. @inline */
export interface ProblemMessage {
  /** The thread, or null when it is about none. */
  readonly threadId: string | null;
  /**
   * What was being done, such as `labels`; `stop` for a command that may have outlived its stopped turn, `version` for a
   * codex-rs that this package was not tested with, `protocol` for a line that was skipped and for a listener of this package that failed.
   */
  readonly during: string;
  /** What went wrong. */
  readonly message: string;
}

/** codex-rs warns: about its configuration, a deprecated setting or call, or a thread. @inline */
export interface WarningMessage {
  /** The thread it concerns, or null. */
  readonly threadId: string | null;
  /** The method of the notification: `configWarning`, `deprecationNotice`, `warning` or `guardianWarning`. */
  readonly method: string;
  /** codex-rs's words. */
  readonly message: string;
  /** More details, or null. */
  readonly details: string | null;
  /** The file it is about, or null. */
  readonly path: string | null;
}

/** An MCP server of a thread has changed its state, or a turn goes on without it. @inline */
export interface McpServerMessage {
  /** The thread, or null if codex-rs does not name one. */
  readonly threadId: string | null;
  /** The server's name in the configuration. */
  readonly server: string;
  /** Its state; `late` if a turn went on without waiting any longer for it. */
  readonly status: 'starting' | 'ready' | 'failed' | 'cancelled' | 'late';
  /** Why it failed or was cancelled, in codex-rs's words; else null. */
  readonly error: string | null;
}

/** The trace that a request belongs to, in the words of W3C Trace Context. @inline */
export interface TraceContext {
  /** The ids of the trace and of the span that asks. */
  readonly traceparent: string;
  /** What vendors add to it. */
  readonly tracestate?: string;
}

/** A request is about to be sent to codex-rs. @inline */
export interface RequestMessage {
  /** The method of the protocol. */
  readonly method: string;
  /** For `turn/start` the id of the turn's input message, else null. */
  readonly clientMessageId: string | null;
  /** Sends a trace along: where its configuration exports spans, codex-rs makes them beneath it. */
  readonly traceWith: (trace: TraceContext) => void;
}
