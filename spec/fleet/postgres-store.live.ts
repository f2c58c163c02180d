import { expect } from 'chai';
import { Readable } from 'node:stream';
import type { Pool } from 'pg';
import { firstTurn } from '../../examples/fleet/postgres-store.js';
import { PostgresThreadStore, runTurn } from '../../lib/fleet/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { PostgresServer } from './postgres-server.js';
import { conformsToTheStores } from './store-conformance.js';
import { saidTo, TwoMachines } from './two-machines.js';

describe('PostgresThreadStore', function () {
  this.timeout(60_000);
  const threadId = '01a219e6-ca06-7a21-a125-aaa840cb5060';
  const record = { threadId, continuation: null, turns: [] };
  const breakOthers =
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL';
  let postgres: PostgresServer;
  let pool: Pool;

  before(async () => {
    postgres = await PostgresServer.start();
    pool = postgres.pool({ max: 20 });
    pool.on('error', () => undefined);
  });

  after(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  describe('in one schema', () => {
    conformsToTheStores(() => ({
      one: new PostgresThreadStore({ pool }),
      other: new PostgresThreadStore({ pool }),
    }));

    it('leaves no unreferenced bundle and no connection', async () => {
      const { rows } = await pool.query<{ count: string }>(
        'SELECT count(*) FROM codex_threads.pieces WHERE bundle NOT IN (SELECT bundle FROM codex_threads.threads WHERE bundle IS NOT NULL)',
      );
      expect(rows).to.eql([{ count: '0' }]);
      expect(pool.idleCount).to.equal(pool.totalCount);
    });
  });

  it('creates its tables once, even if many workers start at once', async () => {
    const stores = Array.from(
      { length: 8 },
      () => new PostgresThreadStore({ pool, schema: 'at_once' }),
    );
    await Promise.all(
      stores.map(async (store, index) => store.save(`${index}`, { record }, { ifVersion: null })),
    );

    const { rows } = await pool.query('SELECT version FROM at_once.migrations');
    expect(rows).to.eql([{ version: 1 }]);
  });

  it('does not need permission to create existing tables', async () => {
    await new PostgresThreadStore({ pool, schema: 'made' }).load('key');
    await pool.query(
      'CREATE ROLE worker LOGIN; GRANT USAGE ON SCHEMA made TO worker; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA made TO worker',
    );
    const own = postgres.pool({ user: 'worker' });
    const store = new PostgresThreadStore({ pool: own, schema: 'made' });
    await store.save('key', { record }, { ifVersion: null });
    expect((await store.load('key'))?.record).to.eql(record);
    await own.end();
  });

  it('rejects the tables of a later version, and an invalid schema', async () => {
    await new PostgresThreadStore({ pool, schema: 'later' }).load('key');
    await pool.query('INSERT INTO later.migrations (version) VALUES (99)');

    const store = new PostgresThreadStore({ pool, schema: 'later' });
    expect(await failure(store.load('key'))).to.include({
      code: 'store-too-new',
      retryable: false,
    });
    for (const schema of ['', 'a; DROP TABLE x', 'Ä', 'a.b', '"x"'])
      expect(() => new PostgresThreadStore({ pool, schema })).to.throw(/schema/);
  });

  it('is read consistently while a bundle is replaced', async () => {
    const store = new PostgresThreadStore({ pool });
    const bytes = Buffer.alloc(3 * 2 ** 20, 'a');
    const version = await store.save(
      'read',
      { record, bundle: Readable.from([bytes]) },
      { ifVersion: null },
    );
    const chunks: Buffer[] = [];
    for await (const chunk of (await store.load('read'))?.bundle?.() ?? []) {
      if (chunks.length === 0) await store.save('read', { record }, { ifVersion: version });
      chunks.push(chunk as Buffer);
    }
    expect(Buffer.concat(chunks).equals(bytes)).to.equal(true);
  });

  it('reports a failure if its connections break, and then works again', async () => {
    const own = postgres.pool();
    own.on('error', () => undefined);
    const store = new PostgresThreadStore({ pool: own });
    const bytes = Buffer.alloc(3 * 2 ** 20, 'a');
    const bundle = (): Readable => Readable.from([bytes]);
    const version = await store.save('broken', { record, bundle: bundle() }, { ifVersion: null });

    const stored = await store.load('broken');
    const reading = (async () => {
      for await (const chunk of stored?.bundle?.() ?? []) {
        expect(chunk).to.have.length(2 ** 20);
        await pool.query(breakOthers);
      }
    })();
    expect(await failure(reading)).to.include({ code: 'store-failed', retryable: true });
    const halfway = Readable.from(
      (async function* () {
        yield bytes;
        await pool.query(breakOthers);
        yield bytes;
      })(),
    );
    expect(
      await failure(store.save('broken', { record, bundle: halfway }, { ifVersion: version })),
    ).to.include({ code: 'store-failed', retryable: true });

    expect((await store.load('broken'))?.version).to.equal(version);
    await store.save('broken', { record, bundle: bundle() }, { ifVersion: version });
    await own.end();
  });

  it('moves threads between machines', async () => {
    await using machines = await TwoMachines.start();
    const [here, there] = machines.clients();
    const store = new PostgresThreadStore({ pool });
    const { outcome } = await firstTurn(here, pool);
    await runTurn(store, there, 'PAY-123', 'two', { idempotencyKey: 'two' });
    await runTurn(store, here, 'PAY-123', 'three', { idempotencyKey: 'three' });

    expect(outcome).to.equal('ran');
    expect(saidTo(machines.here.model)).to.eql(['Write the migration', 'two', 'three']);
  });
});
