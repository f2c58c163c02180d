import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import { inPieces } from './in-pieces.js';
import { PostgresConnection } from './postgres-connection.js';
import type { PostgresPool } from './postgres-pool.js';
import { PostgresSchema } from './postgres-schema.js';
import { goneBundle } from './thread-conflict-error.js';
import { ThreadStore, type StoredValue, type WrittenValue } from './thread-store.js';

/** Properties of a {@link PostgresThreadStore}. @inline */
export interface PostgresThreadStoreProps {
  /** The source of connections, such as a `Pool` of `pg`. The program owns it: the store does not end it. */
  readonly pool: PostgresPool;
  /** The schema of the tables, created when it is first needed. Defaults to `codex_threads`. */
  readonly schema?: string;
}

const bytesApiece = 2 ** 20;
const keysApiece = 1000;

/**
 * Stores threads in PostgreSQL. Each save is one transaction; a bundle is written and read in rows of 1 MiB, so it may be
 * larger than memory. The first call creates the tables, and migrates those of an earlier version of this library.
 *
 * @example
 * ```ts
 * const store = new PostgresThreadStore({ pool });
 * const turn = { idempotencyKey: 'job-7' };
 * const outcome = await runTurn(store, codex, 'PAY-123', 'Write the migration', turn);
 * ```
 */
export class PostgresThreadStore extends ThreadStore {
  readonly #pool: PostgresPool;
  readonly #schema: PostgresSchema;

  /** @throws `ValidationError` for an invalid schema name */
  constructor({ pool, schema = 'codex_threads' }: PostgresThreadStoreProps) {
    super();
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
      throw new ValidationError('options of a PostgresThreadStore', [
        {
          path: 'schema',
          reason: `must be 1 to 63 lowercase letters, digits or "_", got ${shown(schema)}`,
        },
      ]);
    this.#pool = pool;
    this.#schema = new PostgresSchema(schema);
  }

  protected override async read(key: string): Promise<StoredValue | null> {
    await using connection = await this.#connection();
    const [row] = await connection.query<ThreadRow>(
      `SELECT version, record, bundle FROM ${this.#threads} WHERE key = $1`,
      [key],
    );
    if (row === undefined) return null;
    const { version, record, bundle } = row;
    if (bundle === null) return { version, record, bundle };
    const stream = (): Readable => Readable.from(this.#bytesOf(key, bundle), { objectMode: false });
    return { version, record, bundle: stream };
  }

  protected override async write(
    key: string,
    { record, bundle: bytes }: WrittenValue,
    ifVersion: string | null,
  ): Promise<string | null> {
    await using connection = await this.#connection();
    await connection.begin();
    // Checked first, to avoid a long upload that would be rejected.
    if (!(await this.#stands(connection, key, ifVersion, ''))) return null;
    const bundle = bytes === null ? null : await this.#uploaded(connection, bytes);
    const row: ThreadRow = { version: randomUUID(), record, bundle };
    const isSaved =
      ifVersion === null
        ? await this.#insert(connection, key, row)
        : await this.#replace(connection, key, row, ifVersion);
    if (!isSaved) return null;
    await connection.commit();
    return row.version;
  }

  protected override async remove(key: string): Promise<void> {
    await using connection = await this.#connection();
    await connection.begin();
    await this.#dropBundle(connection, key);
    await connection.query(`DELETE FROM ${this.#threads} WHERE key = $1`, [key]);
    await connection.commit();
  }

  protected override async *keys(): AsyncGenerator<string> {
    for (let after: string | null = ''; after !== null;) {
      const page: readonly string[] = await this.#keysAfter(after);
      yield* page;
      after = page.length < keysApiece ? null : (page.at(-1) ?? null);
    }
  }

  get #threads(): string {
    return `${this.#schema.name}.threads`;
  }

  get #pieces(): string {
    return `${this.#schema.name}.pieces`;
  }

  async #keysAfter(after: string): Promise<readonly string[]> {
    await using connection = await this.#connection();
    const rows = await connection.query<{ readonly key: string }>(
      `SELECT key FROM ${this.#threads} WHERE key > $1 ORDER BY key LIMIT ${keysApiece}`,
      [after],
    );
    return rows.map(({ key }) => key);
  }

  async #stands(
    connection: PostgresConnection,
    key: string,
    ifVersion: string | null,
    lock: '' | 'FOR UPDATE',
  ): Promise<boolean> {
    const [row] = await connection.query<Pick<ThreadRow, 'version'>>(
      `SELECT version FROM ${this.#threads} WHERE key = $1 ${lock}`,
      [key],
    );
    return (row?.version ?? null) === ifVersion;
  }

  async #insert(
    connection: PostgresConnection,
    key: string,
    { version, record, bundle }: ThreadRow,
  ): Promise<boolean> {
    const inserted = await connection.query(
      `INSERT INTO ${this.#threads} (key, version, record, bundle) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING key`,
      [key, version, record, bundle],
    );
    return inserted.length === 1;
  }

  async #replace(
    connection: PostgresConnection,
    key: string,
    { version, record, bundle }: ThreadRow,
    ifVersion: string,
  ): Promise<boolean> {
    if (!(await this.#stands(connection, key, ifVersion, 'FOR UPDATE'))) return false;
    await this.#dropBundle(connection, key);
    await connection.query(
      `UPDATE ${this.#threads} SET version = $2, record = $3, bundle = $4, saved_at = now() WHERE key = $1`,
      [key, version, record, bundle],
    );
    return true;
  }

  async #uploaded(connection: PostgresConnection, bytes: Readable): Promise<string> {
    const bundle = randomUUID();
    let number = 0;
    for await (const piece of inPieces(bytes, bytesApiece)) {
      await connection.query(
        `INSERT INTO ${this.#pieces} (bundle, number, bytes) VALUES ($1, $2, $3)`,
        [bundle, number, piece],
      );
      number += 1;
    }
    return bundle;
  }

  async #dropBundle(connection: PostgresConnection, key: string): Promise<void> {
    await connection.query(
      `DELETE FROM ${this.#pieces} WHERE bundle = (SELECT bundle FROM ${this.#threads} WHERE key = $1 FOR UPDATE)`,
      [key],
    );
  }

  /** One snapshot of the database from the first piece to the last, unaffected by concurrent saves. */
  async *#bytesOf(key: string, bundle: string): AsyncGenerator<Buffer> {
    await using connection = await this.#connection();
    await connection.begin('ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const found = await connection.query(
      `SELECT 1 FROM ${this.#threads} WHERE key = $1 AND bundle = $2`,
      [key, bundle],
    );
    if (found.length === 0) throw goneBundle(key);
    for (let number = 0; ; number += 1) {
      const [row] = await connection.query<{ readonly bytes: Buffer }>(
        `SELECT bytes FROM ${this.#pieces} WHERE bundle = $1 AND number = $2`,
        [bundle, number],
      );
      if (row === undefined) break;
      yield row.bytes;
    }
    await connection.commit();
  }

  async #connection(): Promise<PostgresConnection> {
    const connection = await PostgresConnection.from(this.#pool);
    try {
      await this.#schema.ensure(connection);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }
}

interface ThreadRow {
  readonly version: string;
  readonly record: string;
  readonly bundle: string | null;
}
