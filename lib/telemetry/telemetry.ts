import { TelemetryChannel } from './telemetry-channel.js';

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

/** The messages of {@link telemetry}, by the name of their channel there. */
export interface TelemetryMessages {
  /** `codex.thread.open`: a thread was started or loaded. */
  readonly threadOpen: ThreadOpenMessage;
  /** `codex.turn.send`: a turn is about to be sent to codex-rs; once more after a refusal that is not final. */
  readonly turnSend: TurnSendMessage;
  /** `codex.turn.start`: a turn began. */
  readonly turnStart: TurnStartMessage;
  /** `codex.turn.retry`: the provider failed, and codex-rs tries again by itself. */
  readonly turnRetry: TurnRetryMessage;
  /** `codex.turn.content`: what was said; subscribe only where that may be kept. */
  readonly turnContent: TurnContentMessage;
  /** `codex.item.start`: an item of a turn began. */
  readonly itemStart: ItemMessage;
  /** `codex.item.end`: an item of a turn is done. */
  readonly itemEnd: ItemMessage;
  /** `codex.turn.unknown`: codex-rs reported what this version has no event for; the reader of the turn gets it as `unknown`. */
  readonly turnUnknown: TurnUnknownMessage;
  /** `codex.turn.stop`: a turn was stopped by its caller, its signal or its time limit: a `StopReport`. */
  readonly turnStop: TurnStopMessage;
  /** `codex.turn.reconcile`: what became of a turn whose acknowledgement was lost: a `ReconciledTurn`. */
  readonly turnReconcile: TurnReconcileMessage;
  /** `codex.turn.end`: a turn is over. */
  readonly turnEnd: TurnEndMessage;
  /** `codex.resume.accept`: a resume was accepted. */
  readonly resumeAccept: ResumeMessage;
  /** `codex.resume.mismatch`: a resume was refused; the `ResumeRejectedError` follows. */
  readonly resumeMismatch: ResumeMismatchMessage;
  /** `codex.approval`: what became of a request for approval: an `ApprovalReport`. */
  readonly approval: ApprovalMessage;
  /** `codex.tool`: what became of a call of an in-process tool: a `ToolReport`. */
  readonly tool: ToolMessage;
  /** `codex.request`: a request is about to be sent to codex-rs; for code that passes a trace on. */
  readonly request: RequestMessage;
  /** `codex.process`: a codex-rs process was started, could not be started, or ended. */
  readonly process: ProcessMessage;
  /** `codex.warning`: a warning of codex-rs about its configuration, a deprecated setting or call, or a thread. */
  readonly warning: WarningMessage;
  /** `codex.mcp.server`: an MCP server of a thread changed its state, or a turn goes on without it. */
  readonly mcpServer: McpServerMessage;
  /** `codex.problem`: something went wrong outside the path of a turn, which is not affected. */
  readonly problem: ProblemMessage;
}

/** One channel for each kind of message. @inline */
type TelemetryChannels = {
  readonly [Name in keyof TelemetryMessages]: TelemetryChannel<TelemetryMessages[Name]>;
};

const channels: TelemetryChannels = {
  threadOpen: new TelemetryChannel('codex.thread.open'),
  turnSend: new TelemetryChannel('codex.turn.send'),
  turnStart: new TelemetryChannel('codex.turn.start'),
  turnRetry: new TelemetryChannel('codex.turn.retry'),
  turnContent: new TelemetryChannel('codex.turn.content'),
  itemStart: new TelemetryChannel('codex.item.start'),
  itemEnd: new TelemetryChannel('codex.item.end'),
  turnUnknown: new TelemetryChannel('codex.turn.unknown'),
  turnStop: new TelemetryChannel('codex.turn.stop'),
  turnReconcile: new TelemetryChannel('codex.turn.reconcile'),
  turnEnd: new TelemetryChannel('codex.turn.end'),
  resumeAccept: new TelemetryChannel('codex.resume.accept'),
  resumeMismatch: new TelemetryChannel('codex.resume.mismatch'),
  approval: new TelemetryChannel('codex.approval'),
  tool: new TelemetryChannel('codex.tool'),
  request: new TelemetryChannel('codex.request'),
  process: new TelemetryChannel('codex.process'),
  warning: new TelemetryChannel('codex.warning'),
  mcpServer: new TelemetryChannel('codex.mcp.server'),
  problem: new TelemetryChannel('codex.problem'),
};

/**
 * The channels of `node:diagnostics_channel` that this library publishes on, each with its messages as
 * {@link TelemetryMessages} names them. No message holds a secret, and only that of `turnContent` has what was said. Messages about a turn are published in the asynchronous context of whoever asked for the
 * turn, so that an `AsyncLocalStorage`, and with it a trace, reaches the listener.
 *
 * @example
 * ```ts
 * const stop = telemetry.turnEnd.subscribe(({ status, totalTokens, errorCode }) => {
 *   console.log(status, totalTokens, errorCode); // completed 15 null
 * });
 * await codex.startThread().run('Write the migration');
 * stop();
 * ```
 */
export const telemetry: TelemetryChannels = Object.freeze(channels);
