import type { PostgresClient, PostgresPool } from './postgres-pool.js';

/** A borrowed connection. Disposing it returns it to its pool: closed if it is broken, and outside any transaction. */
export class PostgresConnection {
  readonly #client: PostgresClient;
  #failure: Error | undefined;
  #isInTransaction = false;
  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
  };

  private constructor(client: PostgresClient) {
    this.#client = client;
    client.on('error', this.#onError);
  }

  static async from(pool: PostgresPool): Promise<PostgresConnection> {
    return new PostgresConnection(await pool.connect());
  }

  /** The rows of a statement's result. */
  async query<Row>(text: string, values?: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#client.query(text, values)).rows as readonly Row[];
    } catch (error) {
      this.#failure ??= error as Error;
      throw error;
    }
  }

  async begin(mode: '' | 'ISOLATION LEVEL REPEATABLE READ READ ONLY' = ''): Promise<void> {
    await this.query(`BEGIN ${mode}`);
    this.#isInTransaction = true;
  }

  async commit(): Promise<void> {
    await this.query('COMMIT');
    this.#isInTransaction = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isInTransaction) await this.query('ROLLBACK').catch(() => undefined);
    this.#client.off('error', this.#onError);
    this.#client.release(this.#failure);
  }
}
