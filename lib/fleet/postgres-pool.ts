/** What a `PostgresThreadStore` needs of a connection: that of `pg` has it. */
export interface PostgresClient {
  /** Sends a statement, and its values apart from it. */
  query(text: string, values?: unknown[]): Promise<PostgresRows>;
  /** Gives it back; with a reason, it is closed. */
  release(reason?: Error): void;
  /** Without a listener, a connection that breaks while nothing is asked would end the program. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Takes the listener away. */
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** What a statement gives. @inline */
export interface PostgresRows {
  /** The rows. */
  readonly rows: readonly unknown[];
}

/** What a `PostgresThreadStore` needs of a pool: a `Pool` of `pg` has it. */
export interface PostgresPool {
  /** A connection for one user. */
  connect(): Promise<PostgresClient>;
}
