// Snippets of the guide on many machines and of the doc comments of codex-threads/fleet.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sinon from 'sinon';
import {
  BundleError,
  DirectoryThreadStore,
  FencedError,
  runTurn,
  ThreadBundle,
  ThreadConflictError,
  ThreadStore,
  type NextThread,
  type TurnOutcome,
} from '../../lib/fleet/index.js';
import { Codex } from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

interface Job {
  readonly id: string;
  readonly ticket: string;
  readonly input: string;
}

export async function bundle({ codex: here, model }: Stage): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  await using there = new Codex({ codexHome: home.path, baseUrl: model.baseUrl });
  const thread = here.startThread({ labels: { ticket: 'PAY-123' } });
  await thread.run('Write the migration');
  const file = join(home.path, 'thread.bundle');
  // #region ThreadBundle
  const bundle = await ThreadBundle.export(here, thread);
  await pipeline(bundle.stream(), createWriteStream(file));

  const moved = await ThreadBundle.import(there, createReadStream(file));
  await moved.run('And now the tests');
  console.log(moved.threadId === thread.threadId, moved.labels.get('ticket')); // true PAY-123
  // #endregion
}

export async function bundleError({ codex }: Stage): Promise<void> {
  // #region BundleError
  try {
    await ThreadBundle.import(codex, Readable.from(['not a bundle']));
  } catch (error) {
    if (!BundleError.is(error)) throw error;
    console.log(error.code, error.retryable); // bundle-damaged false
  }
  // #endregion
}

export async function directoryStore({ codex }: Stage): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const directory = join(home.path, 'threads');
  const thread = codex.startThread();
  const { threadId, continuation } = await thread.run('Write the migration');
  const record = { threadId, continuation: String(continuation), turns: [] };
  const next: NextThread = { record };
  // #region DirectoryThreadStore
  const store = new DirectoryThreadStore({ directory });
  const version = await store.save('ticket/PAY-123', next, { ifVersion: null });

  const stored = await store.load('ticket/PAY-123');
  console.log(stored?.version === version, stored?.record.threadId === thread.threadId); // true true
  // #endregion
}

export async function conflict({ codex }: Stage): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const store = new DirectoryThreadStore({ directory: join(home.path, 'threads') });
  const { threadId } = await codex.startThread().run('Write the migration');
  const next: NextThread = { record: { threadId, continuation: null, turns: [] } };
  await store.save('ticket/PAY-123', next, { ifVersion: null });
  // #region ThreadConflictError
  try {
    await store.save('ticket/PAY-123', next, { ifVersion: null });
  } catch (error) {
    if (!ThreadConflictError.is(error)) throw error;
    console.log(error.code, error.retryable, error.key); // version-conflict true ticket/PAY-123
  }
  // #endregion
}

export async function stubbedStore(): Promise<void> {
  // #region ThreadStore
  const store = sinon.createStubInstance(ThreadStore);
  store.load.resolves(null);

  console.log(await store.load('ticket/PAY-123')); // null
  // #endregion
}

export async function turnOfAJob({ codex }: Stage): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const store = new DirectoryThreadStore({ directory: join(home.path, 'threads') });
  // #region runTurn
  const handle = async (job: Job): Promise<TurnOutcome> =>
    runTurn(store, codex, job.ticket, job.input, { idempotencyKey: job.id, onCutOff: 'retake' });

  const job = { id: 'job-7', ticket: 'PAY-123', input: 'Write the migration' };
  const { outcome, finalResponse } = await handle(job);
  console.log(outcome, finalResponse); // ran A test fails.
  console.log((await handle(job)).outcome); // recorded
  // #endregion
}

/** Another worker always saves first. */
class OvertakenStore extends DirectoryThreadStore {
  protected override async write(
    ...[key, value, ifVersion]: Parameters<DirectoryThreadStore['write']>
  ): Promise<string | null> {
    const { turns } = JSON.parse(value.record) as { turns: unknown[] };
    if (turns.length > 0) await super.write(key, { ...value, bundle: null }, ifVersion);
    return super.write(key, value, ifVersion);
  }
}

export async function fenced({ codex }: Stage): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const store = new OvertakenStore({ directory: join(home.path, 'threads') });
  // #region FencedError
  try {
    await runTurn(store, codex, 'PAY-123', 'Write the migration', { idempotencyKey: 'job-7' });
  } catch (error) {
    if (!FencedError.is(error)) throw error;
    console.log(error.code, error.idempotencyKey); // fenced job-7
  }
  // #endregion
}
