/** A resume was judged. @inline */
export interface ResumeMessage {
  /** The requested thread. */
  readonly threadId: string;
  /** Warnings about an accepted thread. */
  readonly warnings: readonly string[];
}

/** A resume was refused; a `ResumeRejectedError` follows. @inline */
export interface ResumeMismatchMessage {
  /** The requested thread. */
  readonly threadId: string;
  /** The reason, from the closed set of resume rejections. */
  readonly reason: string;
  /** The reason as text. */
  readonly message: string;
  /** For `stale`: the number of turns added since. */
  readonly advancedBy: number | null;
}

/** A thread was started or loaded. @inline */
export interface ThreadOpenMessage {
  /** The thread. */
  readonly threadId: string;
  /** Whether it is new. */
  readonly isNew: boolean;
  /** The number of the client's process that has loaded it. */
  readonly generation: number;
  /** The duration, in milliseconds. */
  readonly durationMs: number;
}

/** The outcome of a request for approval: an `ApprovalReport`. @inline */
export interface ApprovalMessage {
  /** The protocol method. */
  readonly method: string;
  /** The requesting thread, or null. */
  readonly threadId: string | null;
  /** The requesting turn, or null. */
  readonly turnId: string | null;
  /** The item of the request, or null. */
  readonly itemId: string | null;
  /** The decision; null for a request that is not an approval. */
  readonly decision: string | null;
  /** The reason given by the handler, or null. It is not reported anywhere else. */
  readonly reason: string | null;
  /** How the decision was made. */
  readonly why: string;
  /** How long codex-rs waited for the answer, in milliseconds. */
  readonly waitedMs: number;
}

/** The outcome of a call of an in-process tool: a `ToolReport`. @inline */
export interface ToolMessage {
  /** The tool, as the model named it. */
  readonly tool: string;
  /** The id of the call, which is also the id of its item. */
  readonly callId: string;
  /** The calling thread. */
  readonly threadId: string;
  /** The calling turn. */
  readonly turnId: string;
  /** The outcome; `declined` if the thread has no tools. */
  readonly outcome: string;
  /** The duration, in milliseconds. */
  readonly durationMs: number;
}

/** A codex-rs was started, could not be started, or exited. @inline */
export interface ProcessMessage {
  /** The event. */
  readonly event: 'started' | 'start-failed' | 'ended';
  /** Its process id, or null for a transport without a process. */
  readonly processId: number | null;
  /** The number of the process within its client: 1 for the first, increased after each crash. */
  readonly generation: number;
  /** The code of the error of pending calls; for `ended`, `closed` if this client ended it; null for `started`. */
  readonly errorCode: string | null;
  /** Why it could not be started, exited, or was replaced; null for `started`. */
  readonly message: string | null;
}

/** A problem that does not affect a turn. @inline */
export interface ProblemMessage {
  /** The thread, or null if it does not concern one. */
  readonly threadId: string | null;
  /**
   * The activity, such as `labels`; `stop` for a command that may have outlived its stopped turn, `version` for a
   * codex-rs that this package was not tested with, `protocol` for a skipped line and for a failed listener of this
   * package.
   */
  readonly during: string;
  /** A description of the problem. */
  readonly message: string;
}

/** A warning of codex-rs about its configuration, a deprecated setting or call, or a thread. @inline */
export interface WarningMessage {
  /** The thread, or null. */
  readonly threadId: string | null;
  /** The method of the notification: `configWarning`, `deprecationNotice`, `warning` or `guardianWarning`. */
  readonly method: string;
  /** The message of codex-rs. */
  readonly message: string;
  /** More details, or null. */
  readonly details: string | null;
  /** The affected file, or null. */
  readonly path: string | null;
}

/** An MCP server of a thread changed its state, or a turn continues without it. @inline */
export interface McpServerMessage {
  /** The thread, or null if codex-rs does not name one. */
  readonly threadId: string | null;
  /** The server's name in the configuration. */
  readonly server: string;
  /** Its state; `late` if a turn stopped waiting for it. */
  readonly status: 'starting' | 'ready' | 'failed' | 'cancelled' | 'late';
  /** The reason from codex-rs for a failed or cancelled server, or null. */
  readonly error: string | null;
}

/** The trace of a request, as in W3C Trace Context. @inline */
export interface TraceContext {
  /** The ids of the trace and of the requesting span. */
  readonly traceparent: string;
  /** Vendor-specific data. */
  readonly tracestate?: string;
}

/** A request is about to be sent to codex-rs. @inline */
export interface RequestMessage {
  /** The protocol method. */
  readonly method: string;
  /** For `turn/start` the id of the turn's input message, otherwise null. */
  readonly clientMessageId: string | null;
  /** Sends a trace with the request: if codex-rs is configured to export spans, it creates them as children. */
  readonly traceWith: (trace: TraceContext) => void;
}
