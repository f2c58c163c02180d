import { CodexError } from '../errors.js';
import type { PostgresConnection } from './postgres-connection.js';

/** The migrations of the tables, one for each version. Existing entries are in use and must never change. */
const migrations: readonly ((name: string) => string)[] = [
  (name) => `
    CREATE TABLE ${name}.threads (
      key text COLLATE "C" PRIMARY KEY,
      version text NOT NULL,
      record text NOT NULL,
      bundle text,
      saved_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE ${name}.pieces (
      bundle text NOT NULL,
      number integer NOT NULL,
      bytes bytea NOT NULL,
      PRIMARY KEY (bundle, number)
    );
    ALTER TABLE ${name}.pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;`,
];

/** The tables of a store: creates them, and migrates those of an earlier version. */
export class PostgresSchema {
  readonly name: string;
  #isReady = false;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Creates the missing parts. Only this requires the privilege to create objects.
   *
   * @throws `CodexError` `store-too-new` if a later version of this library created them
   */
  async ensure(connection: PostgresConnection): Promise<void> {
    if (this.#isReady) return;
    if ((await this.#version(connection)) !== migrations.length) await this.#migrate(connection);
    this.#isReady = true;
  }

  async #migrate(connection: PostgresConnection): Promise<void> {
    await connection.begin();
    // Of the workers that start at the same time, one creates them.
    const lock = [`codex-threads ${this.name}`];
    await connection.query('SELECT pg_advisory_xact_lock(hashtext($1))', lock);
    await connection.query(`CREATE SCHEMA IF NOT EXISTS ${this.name}`);
    await connection.query(
      `CREATE TABLE IF NOT EXISTS ${this.name}.migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const version = await this.#version(connection);
    if (version > migrations.length)
      throw new CodexError(
        `The schema ${this.name} has version ${version}, but this version of codex-threads supports only ${migrations.length}: update codex-threads here.`,
        { code: 'store-too-new' },
      );
    for (const [index, migration] of migrations.entries()) {
      if (index < version) continue;
      await connection.query(migration(this.name));
      const applied = [index + 1];
      await connection.query(`INSERT INTO ${this.name}.migrations (version) VALUES ($1)`, applied);
    }
    await connection.commit();
  }

  /** The existing version; 0 without tables. */
  async #version(connection: PostgresConnection): Promise<number> {
    const table = `${this.name}.migrations`;
    const [found] = await connection.query<{ readonly name: string | null }>(
      'SELECT to_regclass($1) AS name',
      [table],
    );
    if ((found?.name ?? null) === null) return 0;
    const [newest] = await connection.query<{ readonly version: number }>(
      `SELECT coalesce(max(version), 0) AS version FROM ${table}`,
    );
    return newest?.version ?? 0;
  }
}
