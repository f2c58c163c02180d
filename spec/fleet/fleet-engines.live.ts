import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { Job, Queue, QueueEvents } from 'bullmq';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { queueName } from '../../examples/fleet-bullmq/names.js';
import { TurnQueue as BullmqQueue } from '../../examples/fleet-bullmq/turn-queue.js';
import { TurnWorker as BullmqWorker } from '../../examples/fleet-bullmq/turn-worker.js';
import { TurnQueue as DbosQueue } from '../../examples/fleet-dbos/turn-queue.js';
import { TurnWorker as DbosWorker } from '../../examples/fleet-dbos/turn-worker.js';
import type { TurnJob } from '../../examples/fleet/turn-job.js';
import type { WorkerSetup } from '../../examples/fleet/worker-setup.js';
import { DirectoryThreadStore } from '../../lib/fleet/index.js';
import type { Codex } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { RedisServer } from './chaos/redis-server.js';
import { PostgresServer } from './postgres-server.js';
import { saidTo, withoutShells } from './two-machines.js';

/** An engine with one worker. */
interface Fleet extends AsyncDisposable {
  add(turn: Omit<TurnJob, 'number'>): Promise<string>;
  cancel(turn: string): Promise<void>;
  /** Resolves with the state of a turn in the engine, once it has ended. */
  ended(turn: string): Promise<string>;
}

async function bullmqFleet(setup: WorkerSetup): Promise<Fleet> {
  const server = await RedisServer.start();
  const redis = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: null });
  const following = redis.duplicate();
  const ends = new QueueEvents(queueName, { connection: following });
  const jobs = new Queue(queueName, { connection: redis });
  const queue = new BullmqQueue(redis);
  const worker = new BullmqWorker(setup, redis);
  await ends.waitUntilReady();
  await worker.start();
  return {
    add: async (turn) => queue.add(turn),
    cancel: async (turn) => queue.cancel(turn),
    async ended(turn) {
      const job = await Job.fromId(jobs, turn);
      if (job === undefined) return 'not a job yet';
      return job.waitUntilFinished(ends).then(
        () => 'completed',
        (error: unknown) => (error as Error).message,
      );
    },
    async [Symbol.asyncDispose]() {
      await worker.close();
      for (const part of [queue, jobs, ends]) await part.close();
      for (const connection of [redis, following]) connection.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function dbosFleet(setup: WorkerSetup): Promise<Fleet> {
  const server = await PostgresServer.start();
  const url = server.url();
  await DBOS.migrate(url);
  const client = await DBOSClient.create({ systemDatabaseUrl: url });
  const queue = await DbosQueue.connect(url);
  const pool = server.pool();
  const worker = new DbosWorker({ setup, url, pool });
  await worker.start();
  return {
    add: async (turn) => queue.add(turn),
    cancel: async (turn) => queue.cancel(turn),
    async ended(turn) {
      const workflow = client.retrieveWorkflow(turn);
      await workflow.getResult({ pollingIntervalMs: 50 }).catch(() => undefined);
      return String((await workflow.getStatus())?.status);
    },
    async [Symbol.asyncDispose]() {
      await worker.close();
      await queue.close();
      await client.destroy();
      await pool.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

const engines = [
  { name: 'BullMQ', start: bullmqFleet, completed: 'completed', cancelled: 'cancelled' },
  { name: 'DBOS', start: dbosFleet, completed: 'SUCCESS', cancelled: 'CANCELLED' },
];

for (const { name, start, completed, cancelled } of engines)
  describe(`A fleet on ${name}`, function () {
    this.timeout(60_000);
    const thread = 'PAY-123';
    let machine: OfflineCodex;
    let codex: Codex;
    let directory: string;
    let store: DirectoryThreadStore;
    let fleet: Fleet;

    before(async () => {
      machine = await OfflineCodex.start();
      machine.model.otherwise(ScriptedReply.message('Done.'));
      codex = machine.client({ config: withoutShells });
      directory = await mkdtemp(join(homedir(), '.codex-threads-store-'));
      store = new DirectoryThreadStore({ directory });
      fleet = await start({
        name: 'worker-1',
        codex,
        store,
        home: 'own',
        threads: codex.thread().withOptions({ workingDirectory: directory }),
        concurrency: 1,
        leaseMs: 10_000,
        graceMs: 10_000,
        [Symbol.asyncDispose]: async () => codex.close(),
      });
      expect(await fleet.ended(await fleet.add({ thread, input: 'one' }))).to.equal(completed);
    });

    after(async () => {
      await fleet[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
      await noProcessLeft();
    });

    /** Pauses the next turn while it is running. */
    function held(): Gate {
      const gate = new Gate();
      machine.model.reply(ScriptedReply.deltas('I begin').gate(gate).message('Done.'));
      return gate;
    }

    async function recorded(): Promise<readonly string[]> {
      return ((await store.load(thread))?.record.turns ?? []).map(({ key }) => key);
    }

    it('interrupts a turn that is cancelled, and records it as cancelled', async () => {
      const gate = held();
      const turn = await fleet.add({ thread, input: 'two' });
      await gate.reached;
      const interrupted = codex.notifications({ methods: ['turn/completed'] }).next();
      await fleet.cancel(turn);

      expect(await fleet.ended(turn)).to.equal(cancelled);
      expect((await interrupted).value).to.have.nested.property(
        'params.turn.status',
        'interrupted',
      );
      expect(await recorded()).to.eql([`${thread}/1`]);
      gate.open();
    });

    it('runs the next turn of the thread without the cancelled one', async () => {
      const turn = await fleet.add({ thread, input: 'three' });

      expect(await fleet.ended(turn)).to.equal(completed);
      expect(saidTo(machine.model)).to.eql(['one', 'three']);
      expect(await recorded()).to.eql([`${thread}/1`, turn]);
    });

    it('never runs a turn that is cancelled while it is queued', async () => {
      const gate = held();
      const running = await fleet.add({ thread, input: 'four' });
      await gate.reached;
      const waiting = await fleet.add({ thread, input: 'five' });
      await fleet.cancel(waiting);
      gate.open();
      const last = await fleet.add({ thread, input: 'six' });

      expect(await fleet.ended(running)).to.equal(completed);
      expect(await fleet.ended(waiting)).to.equal(cancelled);
      expect(await fleet.ended(last)).to.equal(completed);
      expect(saidTo(machine.model)).to.eql(['one', 'three', 'four', 'six']);
    });

    // DBOS does not guarantee an order of its partitions.
    if (name === 'DBOS') return;
    it('continues a loaded thread before it starts another one', async () => {
      const gate = held();
      await fleet.add({ thread, input: 'seven' });
      await gate.reached;
      const before = machine.model.requests.length - 1;
      const other = await fleet.add({ thread: 'PAY-124', input: 'other' });
      const next = await fleet.add({ thread, input: 'eight' });
      gate.open();

      await fleet.ended(other);
      await fleet.ended(next);
      const said = machine.model.requests.slice(before).map(({ userTexts }) => userTexts.at(-1));
      expect(said).to.eql(['seven', 'eight', 'other']);
    });
  });
