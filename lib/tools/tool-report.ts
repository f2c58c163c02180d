/**
 * The outcome of a call: the method returned a result; or the tool does not exist, the arguments were invalid, the
 * method threw, timed out, returned something that cannot be sent, or its turn ended first.
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

/** The outcome of a call for telemetry, without content: no arguments and no result. */
export interface ToolReport {
  /** The tool, as the model named it. */
  readonly tool: string;
  /** The thread that called. */
  readonly threadId: string;
  /** The turn that called. */
  readonly turnId: string;
  /** The outcome. */
  readonly outcome: ToolOutcome;
  /** The error; undefined on success, or without further details. */
  readonly error: unknown;
  /** The duration, in milliseconds. */
  readonly durationMs: number;
}
