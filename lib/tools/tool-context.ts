/** The context of a tool call, passed to the method after the input. */
export interface ToolContext {
  /**
   * Aborts when the result is no longer needed: the turn or the process ended, or the time limit of the tool is
   * exceeded.
   */
  readonly signal: AbortSignal;
  /** The thread whose model calls the tool. */
  readonly threadId: string;
  /** The turn of the call. */
  readonly turnId: string;
  /** The labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
}
