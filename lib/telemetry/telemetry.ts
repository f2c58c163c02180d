import type {
  ApprovalMessage,
  McpServerMessage,
  ProblemMessage,
  ProcessMessage,
  RequestMessage,
  ResumeMessage,
  ResumeMismatchMessage,
  ThreadOpenMessage,
  ToolMessage,
  WarningMessage,
} from './messages.js';
import { TelemetryChannel } from './telemetry-channel.js';
import type {
  ItemMessage,
  TurnContentMessage,
  TurnEndMessage,
  TurnReconcileMessage,
  TurnRetryMessage,
  TurnSendMessage,
  TurnStartMessage,
  TurnStopMessage,
  TurnUnknownMessage,
} from './turn-messages.js';

/** The messages of {@link telemetry}, by channel. */
export interface TelemetryMessages {
  /** `codex.thread.open`: a thread was started or loaded. */
  readonly threadOpen: ThreadOpenMessage;
  /** `codex.turn.send`: a turn is about to be sent to codex-rs; repeated after a refusal that is not final. */
  readonly turnSend: TurnSendMessage;
  /** `codex.turn.start`: a turn began. */
  readonly turnStart: TurnStartMessage;
  /** `codex.turn.retry`: the provider failed, and codex-rs retries. */
  readonly turnRetry: TurnRetryMessage;
  /** `codex.turn.content`: the text of a turn; subscribe only if it may be stored. */
  readonly turnContent: TurnContentMessage;
  /** `codex.item.start`: an item of a turn began. */
  readonly itemStart: ItemMessage;
  /** `codex.item.end`: an item of a turn ended. */
  readonly itemEnd: ItemMessage;
  /**
   * `codex.turn.unknown`: codex-rs sent something for which this version has no event; the reader of the turn gets it
   * as `unknown`.
   */
  readonly turnUnknown: TurnUnknownMessage;
  /** `codex.turn.stop`: a turn was stopped by its caller, its signal or its timeout: a `StopReport`. */
  readonly turnStop: TurnStopMessage;
  /** `codex.turn.reconcile`: the outcome of a turn whose acknowledgement was lost: a `ReconciledTurn`. */
  readonly turnReconcile: TurnReconcileMessage;
  /** `codex.turn.end`: a turn ended. */
  readonly turnEnd: TurnEndMessage;
  /** `codex.resume.accept`: a resume was accepted. */
  readonly resumeAccept: ResumeMessage;
  /** `codex.resume.mismatch`: a resume was refused; a `ResumeRejectedError` follows. */
  readonly resumeMismatch: ResumeMismatchMessage;
  /** `codex.approval`: the outcome of a request for approval: an `ApprovalReport`. */
  readonly approval: ApprovalMessage;
  /** `codex.tool`: the outcome of a call of an in-process tool: a `ToolReport`. */
  readonly tool: ToolMessage;
  /** `codex.request`: a request is about to be sent to codex-rs; for code that propagates a trace. */
  readonly request: RequestMessage;
  /** `codex.process`: a codex-rs process was started, could not be started, or exited. */
  readonly process: ProcessMessage;
  /** `codex.warning`: a warning of codex-rs about its configuration, a deprecated setting or call, or a thread. */
  readonly warning: WarningMessage;
  /** `codex.mcp.server`: an MCP server of a thread changed its state, or a turn continues without it. */
  readonly mcpServer: McpServerMessage;
  /** `codex.problem`: a problem that does not affect a turn. */
  readonly problem: ProblemMessage;
}

/** One channel for each type of message. @inline */
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
 * The channels of `node:diagnostics_channel` on which this library publishes, with the messages of
 * {@link TelemetryMessages}. Messages never contain a secret, and only `turnContent` contains the text of a turn.
 * Messages about a turn are published in the asynchronous context of its caller, so that an `AsyncLocalStorage`, and
 * with it a trace, reaches the listener.
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
