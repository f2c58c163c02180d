import { TelemetryChannel } from './telemetry-channel.js';

/** A resume was judged. */
export interface ResumeMessage {
  /** The thread that was asked for. */
  readonly threadId: string;
  /** What the caller may want to know of an accepted thread. */
  readonly warnings: readonly string[];
}

/** A resume was refused; the `ResumeRejectedError` follows. */
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

/** A thread was started or loaded. */
export interface ThreadOpenMessage {
  /** The thread. */
  readonly threadId: string;
  /** Whether it is new. */
  readonly isNew: boolean;
  /** Which process of the client has it loaded. */
  readonly generation: number;
}

/** A turn began. */
export interface TurnStartMessage {
  /** The thread. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** The labels of the thread value that runs it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A turn is over. */
export interface TurnEndMessage {
  /** The thread, or null when it never got an id. */
  readonly threadId: string | null;
  /** The turn, or null when it never began. */
  readonly turnId: string | null;
  /** How it ended. */
  readonly status: string;
  /** The tokens it spent, or null when the provider reported nothing. */
  readonly totalTokens: number | null;
  /** The code of the error it ended with, or null. */
  readonly errorCode: string | null;
}

/** What became of a request for approval: an `ApprovalReport`. */
export interface ApprovalMessage {
  /** The method of the protocol. */
  readonly method: string;
  /** The thread that asked, or null. */
  readonly threadId: string | null;
  /** What was decided; null for a request that is no approval. */
  readonly decision: string | null;
  /** The reason the handler gave, or null. It is told here and nowhere else. */
  readonly reason: string | null;
  /** How the decision came about. */
  readonly why: string;
}

/** What became of a call of an in-process tool: a `ToolReport`. */
export interface ToolMessage {
  /** The tool, as the model named it. */
  readonly tool: string;
  /** The thread that called. */
  readonly threadId: string;
  /** How it ended. */
  readonly outcome: string;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** Something went wrong off a turn's path; the turn is not affected. */
export interface ProblemMessage {
  /** The thread, or null when it is about none. */
  readonly threadId: string | null;
  /** What was being done, such as `labels`; `version` for a codex-rs that this package was not tested with. */
  readonly during: string;
  /** What went wrong. */
  readonly message: string;
}

/**
 * Everything this library tells through `node:diagnostics_channel`. No message holds a secret or what was said.
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
export const telemetry = Object.freeze({
  /** `codex.thread.open` */
  threadOpen: new TelemetryChannel<ThreadOpenMessage>('codex.thread.open'),
  /** `codex.turn.start` */
  turnStart: new TelemetryChannel<TurnStartMessage>('codex.turn.start'),
  /** `codex.turn.end` */
  turnEnd: new TelemetryChannel<TurnEndMessage>('codex.turn.end'),
  /** `codex.resume.accept` */
  resumeAccept: new TelemetryChannel<ResumeMessage>('codex.resume.accept'),
  /** `codex.resume.mismatch` */
  resumeMismatch: new TelemetryChannel<ResumeMismatchMessage>('codex.resume.mismatch'),
  /** `codex.approval` */
  approval: new TelemetryChannel<ApprovalMessage>('codex.approval'),
  /** `codex.tool` */
  tool: new TelemetryChannel<ToolMessage>('codex.tool'),
  /** `codex.process` */
  problem: new TelemetryChannel<ProblemMessage>('codex.process'),
});
