/**
 * How a call ended: the method gave a result; or there is no such tool, the arguments were refused, the method threw, took
 * too long, gave what cannot be sent, or its turn was over first.
 *
 * @inline
 */
export type ToolOutcome =
  | 'completed'
  | 'unknown-tool'
  | 'invalid-arguments'
  | 'threw'
  | 'timed-out'
  | 'invalid-result'
  | 'stopped';

/** What became of a call, for telemetry. Without any content: no arguments, no result. */
export interface ToolReport {
  /** The tool, as the model named it. */
  readonly tool: string;
  /** The thread that called. */
  readonly threadId: string;
  /** The turn that called. */
  readonly turnId: string;
  /** How it ended. */
  readonly outcome: ToolOutcome;
  /** What went wrong; undefined when nothing did, or when there is nothing to add. */
  readonly error: unknown;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}
