/** What a tool's method is told besides its arguments. */
export interface ToolContext {
  /** Aborts when the result is of no use any more: the turn or the process ended, or the tool's time is up. */
  readonly signal: AbortSignal;
  /** The thread whose model calls the tool. */
  readonly threadId: string;
  /** The turn in which it is called. */
  readonly turnId: string;
  /** The labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
}
