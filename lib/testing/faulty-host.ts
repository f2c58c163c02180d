/** Where a faulty app-server lives: what it can do to the outside. @internal */
export interface FaultyHost {
  /** Text for standard output. */
  write(text: string): void;
  /** Text for standard error. */
  writeError(text: string): void;
  /** Ends by itself; nothing is written or done afterwards. */
  exit(code: number): void;
  /** Ends as by SIGKILL; nothing is written or done afterwards. */
  kill(): void;
  /** Standard output ends; life goes on. */
  closeOutput(): void;
  /** Nothing is read any more. */
  stopReading(): void;
}
