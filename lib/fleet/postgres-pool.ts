/** The connection interface of a `PostgresThreadStore`; the client of `pg` implements it. */
export interface PostgresClient {
  /** Sends a statement with its values as separate parameters. */
  query(text: string, values?: unknown[]): Promise<PostgresRows>;
  /** Returns it to the pool; with a reason, it is closed. */
  release(reason?: Error): void;
  /** Without a listener, a connection that breaks while idle would end the program. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Removes the listener. */
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** The result of a statement. @inline */
export interface PostgresRows {
  /** The rows. */
  readonly rows: readonly unknown[];
}

/** The pool interface of a `PostgresThreadStore`; a `Pool` of `pg` implements it. */
export interface PostgresPool {
  /** A connection for one user. */
  connect(): Promise<PostgresClient>;
}
