/** How one turn is run. */
export interface TurnOptions {
  /** Stops the turn when it aborts; `run` and `result()` then reject with its `reason`. */
  readonly signal?: AbortSignal;
}
