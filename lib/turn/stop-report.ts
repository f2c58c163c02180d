/** The result of stopping a turn. */
export interface StopReport {
  /** Whether codex-rs accepted the interrupt. False for a turn that had not been sent or had already ended. */
  readonly acknowledged: boolean;
  /** The number of commands that the turn and its sub-agents had left running. They have ended now. */
  readonly commandsEnded: number;
  /** Whether the process was replaced because it did not respond. Its other threads are loaded again when they are used. */
  readonly processRecycled: boolean;
}

/** The report for a turn that did not need to be stopped: it was over, or had not been sent. */
export const nothingToStop: StopReport = Object.freeze({
  acknowledged: false,
  commandsEnded: 0,
  processRecycled: false,
});
