import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'pg';
import {
  DirectoryThreadStore,
  PostgresThreadStore,
  type ThreadStore,
} from '../../../lib/fleet/index.js';
import type { PostgresServer } from '../postgres-server.js';

/** A store that can become unavailable. */
export interface ChaosStore {
  /** The settings of a worker for the store. */
  readonly place: string;
  /** The store, for the verdict. */
  readonly store: ThreadStore;
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** A directory behind a symbolic link; while it is unavailable, the link points to a file. */
export class DirectoryUnderChaos implements ChaosStore {
  readonly place: string;
  readonly store: ThreadStore;
  readonly #parent: string;

  private constructor(parent: string) {
    this.#parent = parent;
    this.place = join(parent, 'store');
    this.store = new DirectoryThreadStore({ directory: this.place });
  }

  static async create(parent: string): Promise<DirectoryUnderChaos> {
    await mkdir(join(parent, 'store-there'));
    await writeFile(join(parent, 'store-away'), '');
    const store = new DirectoryUnderChaos(parent);
    await store.up();
    return store;
  }

  async down(): Promise<void> {
    await this.#lead('store-away');
  }

  async up(): Promise<void> {
    await this.#lead('store-there');
  }

  async close(): Promise<void> {
    await this.up();
  }

  async #lead(to: string): Promise<void> {
    const next = join(this.#parent, 'store-next');
    await symlink(to, next);
    await rename(next, this.place);
  }
}

/** A Postgres server that is stopped and restarted. */
export class PostgresUnderChaos implements ChaosStore {
  readonly place: string;
  readonly store: ThreadStore;
  readonly #server: PostgresServer;
  readonly #pool: Pool;

  constructor(server: PostgresServer) {
    this.#server = server;
    this.place = server.url();
    this.#pool = new Pool({ connectionString: this.place });
    this.#pool.on('error', () => undefined);
    this.store = new PostgresThreadStore({ pool: this.#pool });
  }

  async down(): Promise<void> {
    await this.#server.down();
  }

  async up(): Promise<void> {
    await this.#server.up();
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
