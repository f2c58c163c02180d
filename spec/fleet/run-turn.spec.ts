import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  DirectoryThreadStore,
  runTurn,
  ThreadConflictError,
  type RunTurnOptions,
  type TurnOutcome,
} from '../../lib/fleet/index.js';
import { telemetry, ThreadBusyError, type Codex, type ThreadBuilder } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { killedWorker, pausedWorker, type Order } from './killed-worker.js';
import { saidTo, TwoMachines, withoutShells } from './two-machines.js';

/** A store that counts the reads of bundles, and can be made unavailable. */
class WatchedStore extends DirectoryThreadStore {
  fetched = 0;
  isDown = false;

  protected override async read(
    ...args: Parameters<DirectoryThreadStore['read']>
  ): ReturnType<DirectoryThreadStore['read']> {
    const value = await super.read(...args);
    const bundle = value?.bundle ?? null;
    if (value === null || bundle === null) return value;
    const counted = (): ReturnType<typeof bundle> => {
      this.fetched += 1;
      return bundle();
    };
    return { ...value, bundle: counted };
  }

  protected override async write(
    ...args: Parameters<DirectoryThreadStore['write']>
  ): Promise<string | null> {
    if (this.isDown) throw new Error('connect ECONNREFUSED');
    return super.write(...args);
  }
}

describe('runTurn', function () {
  this.timeout(20_000);
  let machines: TwoMachines;
  let here: Codex;
  let there: Codex;
  let directory: string;
  let store: WatchedStore;
  let keys = 0;
  let key: string;

  before(async () => {
    machines = await TwoMachines.start();
    [here, there] = machines.clients();
    directory = await mkdtemp(join(homedir(), '.codex-threads-store-'));
    store = new WatchedStore({ directory });
  });

  beforeEach(() => {
    keys += 1;
    key = `ticket/${keys}`;
    store.fetched = 0;
  });

  after(async () => {
    await machines[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
    await noProcessLeft();
  });

  async function turn(
    codex: Codex,
    input: string,
    options: Partial<RunTurnOptions> = {},
  ): Promise<TurnOutcome> {
    return runTurn(store, codex, key, input, { idempotencyKey: input, ...options });
  }

  /** The number of model requests so far. */
  function asked(): number {
    return machines.here.model.requests.length + machines.there.model.requests.length;
  }

  /** Pauses the next turn of a machine while it is running. */
  function held(machine: 'here' | 'there'): Gate {
    const gate = new Gate();
    machines[machine].model.reply(ScriptedReply.deltas('I begin').gate(gate).message('Done.'));
    return gate;
  }

  function order(input: string, options: Partial<Order['turn']> = {}): Order {
    const turn = { idempotencyKey: input, ...options };
    return { machine: machines.here, directory, key, input, turn };
  }

  it('continues a thread on any machine, and fetches it if it is missing there', async () => {
    const thread = (codex: Codex): Partial<RunTurnOptions> => ({
      thread: codex.thread().withLabels({ ticket: 'PAY-123' }),
    });
    const first = await turn(here, 'one', thread(here));
    await turn(here, 'two', thread(here));
    expect(store.fetched).to.equal(0);
    await turn(there, 'three', thread(there));
    expect(saidTo(machines.there.model)).to.eql(['one', 'two', 'three']);
    const last = await turn(here, 'four', thread(here));

    expect(saidTo(machines.here.model)).to.eql(['one', 'two', 'three', 'four']);
    expect(store.fetched).to.equal(2);
    expect(last).to.deep.include({
      outcome: 'ran',
      threadId: first.threadId,
      finalResponse: 'Done.',
    });
    expect((await here.resumeThread(last.threadId)).labels.get('ticket')).to.equal('PAY-123');
    expect((await store.load(key))?.record.turns.map(({ key }) => key)).to.eql([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  describe('a thread whose last turn it recorded with the same builder', () => {
    let builder: ThreadBuilder;
    let sent: string[];
    let stop: () => void;

    beforeEach(async () => {
      builder = here.thread().withLabels({ ticket: 'PAY-123' });
      sent = [];
      await turn(here, 'one', { thread: builder });
      stop = telemetry.request.subscribe(({ method }) => sent.push(method));
    });

    afterEach(() => {
      stop();
    });

    it('continues without loading it again', async () => {
      const { result } = await turn(here, 'two', { thread: builder });

      expect(saidTo(machines.here.model)).to.eql(['one', 'two']);
      expect(sent).to.eql([
        'thread/turns/list',
        'turn/start',
        'thread/attachment/list',
        'thread/read',
      ]);
      expect((await here.resumeThread(result?.threadId ?? '')).labels.get('ticket')).to.equal(
        'PAY-123',
      );
    });

    it('loads it again with another builder', async () => {
      await turn(here, 'two', { thread: here.thread() });

      expect(sent.filter((method) => method === 'thread/turns/list')).to.have.length.above(1);
    });

    it('loads it again after a turn that failed', async () => {
      machines.here.model.reply(ScriptedReply.failed('invalid_prompt', 'No.'));
      await failure(turn(here, 'two', { thread: builder }));
      await turn(here, 'three', { thread: builder });

      expect(saidTo(machines.here.model)).to.eql(['one', 'three']);
    });

    it('fetches it again if it was deleted here', async () => {
      const { record } = (await store.load(key)) ?? expect.fail();
      await here.deleteThread(record.threadId);

      await turn(here, 'two', { thread: builder });

      expect(saidTo(machines.here.model)).to.eql(['one', 'two']);
      expect(store.fetched).to.equal(1);
    });
  });

  it('runs a turn with its own settings', async () => {
    await turn(here, 'one', { options: { model: 'other-model' } });
    const { model } = machines.here.model.requests.at(-1) ?? {};
    await turn(here, 'two');

    expect(model).to.equal('other-model');
    expect(machines.here.model.requests.at(-1)?.model).not.to.equal('other-model');
  });

  it('does not run a recorded turn again', async () => {
    const ran = await turn(here, 'one');
    await turn(here, 'two');
    const before = asked();

    const recorded = await turn(there, 'one');
    const { turnId, finalResponse, usage } = ran;
    expect(recorded).to.deep.include({
      outcome: 'recorded',
      turnId,
      finalResponse,
      usage,
      result: null,
    });
    expect(asked()).to.equal(before);
    expect(store.fetched).to.equal(0);
  });

  it('passes the events of the turn on, and stops it when its signal is aborted', async () => {
    const types: string[] = [];
    await turn(here, 'one', { onEvent: ({ type }) => types.push(type) });
    expect(types).to.include.members(['text.delta', 'turn.completed']);

    const gate = held('here');
    const stopping = new AbortController();
    const stopped = turn(here, 'two', { signal: stopping.signal });
    await gate.reached;
    stopping.abort(new Error('No longer needed.'));
    expect(await failure(stopped)).to.have.property('message', 'No longer needed.');
    gate.open();
  });

  describe('with a home for each worker', () => {
    it('runs a turn again on another machine if its worker was killed during it', async () => {
      await turn(there, 'one');
      await killedWorker(order('two'), held('here').reached);

      expect(await turn(there, 'two')).to.include({ outcome: 'ran' });
      expect(saidTo(machines.there.model)).to.eql(['one', 'two']);
      await turn(here, 'three');
      expect(saidTo(machines.here.model)).to.eql(['one', 'two', 'three']);
    });

    it('retakes such a turn on the same machine, if that is permitted', async () => {
      await turn(there, 'one');
      await here.close();
      await killedWorker(order('two'), held('here').reached);
      [here] = machines.clients();

      expect(await failure(turn(here, 'two'))).to.include({ code: 'turn-cut-off' });
      expect(await turn(here, 'two', { onCutOff: 'retake' })).to.include({ outcome: 'retaken' });
      expect(saidTo(machines.here.model)).to.eql(['one', 'two']);
      await turn(there, 'three');
      expect(saidTo(machines.there.model)).to.eql(['one', 'two', 'three']);
    });

    it('drops such a turn on the same machine before another one', async () => {
      await here.close();
      await killedWorker(order('one'), held('here').reached);
      [here] = machines.clients();

      expect(await turn(here, 'other')).to.include({ outcome: 'ran' });
      expect(saidTo(machines.here.model)).to.eql(['other']);
      await here.close();
      await killedWorker(order('dead'), held('here').reached);
      [here] = machines.clients();
      await turn(here, 'next');
      expect(saidTo(machines.here.model)).to.eql(['other', 'next']);
    });

    it('adopts a turn whose worker was killed before it recorded the turn', async () => {
      await turn(there, 'one');
      await here.close();
      await killedWorker(order('two'), 'unrecorded');
      [here] = machines.clients();
      const before = asked();

      expect(await turn(here, 'two')).to.include({ outcome: 'adopted', finalResponse: 'Done.' });
      expect(asked()).to.equal(before);
      await turn(there, 'three');
      expect(saidTo(machines.there.model)).to.eql(['one', 'two', 'three']);
    });

    it('starts a thread again if its first turn was lost with its machine', async () => {
      await here.close();
      await killedWorker(order('one'), 'unrecorded');
      [here] = machines.clients();

      expect(await turn(there, 'one')).to.include({ outcome: 'ran' });
      expect(saidTo(machines.there.model)).to.eql(['one']);
    });

    it('keeps a turn that the store could not save, and saves it with the next attempt', async () => {
      await turn(here, 'one');
      const before = asked();
      store.isDown = true;
      expect(await failure(turn(here, 'two'))).to.include({
        code: 'store-failed',
        retryable: true,
      });
      expect(await failure(turn(here, 'two'))).to.include({ code: 'store-failed' });
      store.isDown = false;

      expect(await turn(here, 'two')).to.include({ outcome: 'adopted' });
      expect(asked()).to.equal(before + 1);
    });

    it('discards the result of a worker that was considered dead', async () => {
      await turn(here, 'one');
      const gate = held('here');
      const late = turn(here, 'two');
      await gate.reached;
      const { turnId } = await turn(there, 'two');
      gate.open();

      expect(await failure(late)).to.include({
        code: 'fenced',
        retryable: false,
        idempotencyKey: 'two',
      });
      expect(await turn(here, 'two')).to.include({ outcome: 'recorded', turnId });
      await turn(here, 'three');
      expect(saidTo(machines.here.model)).to.eql(['one', 'two', 'three']);
    });

    it('discards the result of a worker that was paused in the meantime', async () => {
      await turn(there, 'one');
      await here.close();
      const gate = held('here');
      const said = await pausedWorker(order('two'), gate.reached, async () => {
        await turn(there, 'two');
        gate.open();
      });
      [here] = machines.clients();

      expect(said).to.equal('fenced');
      await turn(here, 'three');
      expect(saidTo(machines.here.model)).to.eql(['one', 'two', 'three']);
    });

    it('rejects for a worker whose thread continued elsewhere, with a retryable error', async () => {
      await turn(here, 'one');
      const gate = held('here');
      const late = turn(here, 'two');
      await gate.reached;
      await turn(there, 'other two');
      gate.open();

      const error = await failure(late);
      expect(ThreadConflictError.is(error)).to.equal(true);
      expect(error).to.include({ code: 'version-conflict', retryable: true, key });
      expect(await turn(here, 'two')).to.include({ outcome: 'ran' });
      expect(saidTo(machines.here.model)).to.eql(['one', 'other two', 'two']);
    });

    it('allows one worker to start a thread', async () => {
      const gate = held('here');
      const first = turn(here, 'one');
      await gate.reached;
      const second = await turn(there, 'other one');
      gate.open();

      expect(await failure(first)).to.include({ code: 'version-conflict' });
      expect((await store.load(key))?.record.threadId).to.equal(second.threadId);
    });

    it('is busy while it runs another turn of the thread', async () => {
      await turn(here, 'one');
      const gate = held('here');
      const first = turn(here, 'two');
      await gate.reached;
      expect(await failure(turn(here, 'three'))).to.satisfy((error: unknown) =>
        ThreadBusyError.is(error),
      );
      const [other] = machines.clients();
      expect(await failure(turn(other, 'three'))).to.include({
        code: 'thread-busy',
        retryable: true,
      });
      gate.open();
      await first;
      await other.close();
    });

    it('rejects a bundle that the store corrupted, and keeps the local copy', async () => {
      await turn(there, 'one');
      await turn(here, 'two');
      await turn(there, 'three');
      const bundles = (await readdir(directory, { recursive: true })).filter((name) =>
        name.includes('bundle-'),
      );
      for (const name of bundles) {
        const bytes = await readFile(join(directory, name));
        await writeFile(join(directory, name), bytes.subarray(0, bytes.length / 2));
      }
      const before = await (
        await here.resumeThread((await store.load(key))!.record.threadId)
      ).read();

      expect(await failure(turn(here, 'four'))).to.include({ code: 'bundle-damaged' });
      const after = await (await here.resumeThread(before.threadId)).read({ includeTurns: true });
      expect(after.turns).to.have.length(2);
    });

    it('rejects if the directory of the thread is missing', async () => {
      const workingDirectory = await mkdtemp(join(homedir(), '.codex-threads-work-'));
      await turn(here, 'one', { thread: here.thread().withOptions({ workingDirectory }) });
      await rm(workingDirectory, { recursive: true });
      const before = asked();

      expect(await failure(turn(there, 'two'))).to.include({ code: 'invalid-input' });
      expect(asked()).to.equal(before);
    });
  });

  describe('with a home that all workers share', () => {
    const home = 'shared';

    beforeEach(() => {
      [there] = machines.clients();
    });

    afterEach(async () => {
      await there.close();
      await here.close();
      [here] = machines.clients();
    });

    it('continues a thread that another worker ran, and stores only its record', async () => {
      await turn(here, 'one', { home });
      await turn(there, 'two', { home });

      expect(saidTo(machines.here.model)).to.eql(['one', 'two']);
      expect((await store.load(key))?.bundle).to.equal(null);
    });

    it('is busy while another worker runs a turn of the thread', async () => {
      await turn(here, 'one', { home });
      const gate = held('here');
      const second = turn(here, 'two', { home });
      await gate.reached;

      expect(await failure(turn(there, 'three', { home }))).to.include({
        code: 'thread-busy',
        retryable: true,
      });
      gate.open();
      await second;
    });

    it('continues after a turn that another machine has retaken', async () => {
      const sqliteHome = join(machines.here.home.path, 'other-sqlite');
      await mkdir(sqliteHome);
      const other = machines.here.client({ config: withoutShells, sqliteHome });
      const inputs = ['one', 'two', 'three', 'four'];
      for (const [killed, next] of [inputs.slice(0, 2), inputs.slice(2)]) {
        await here.close();
        await killedWorker(order(String(killed), { home }), held('here').reached);
        [here] = machines.clients();
        const retaken = await turn(other, String(killed), { home, onCutOff: 'retake' });

        expect(retaken).to.include({ outcome: 'retaken' });
        expect(await turn(here, String(next), { home })).to.include({ outcome: 'ran' });
      }
      await other.close();

      expect(saidTo(machines.here.model)).to.eql(inputs);
    });

    it('retakes a turn whose worker was killed during it, if that is permitted', async () => {
      for (const input of ['one', 'two']) {
        await here.close();
        await killedWorker(order(input, { home }), held('here').reached);
        [here] = machines.clients();
        expect(await failure(turn(here, input, { home }))).to.include({ code: 'turn-cut-off' });
        const retaken = await turn(here, input, { home, onCutOff: 'retake' });
        expect(retaken).to.include({ outcome: 'retaken' });
      }
      expect(saidTo(machines.here.model)).to.eql(['one', 'two']);
    });

    it('adopts a turn whose worker was killed before it recorded the turn', async () => {
      for (const input of ['one', 'two']) {
        await here.close();
        await killedWorker(order(input, { home }), 'unrecorded');
        [here] = machines.clients();
        const before = asked();
        expect(await turn(here, input, { home })).to.include({ outcome: 'adopted' });
        expect(asked()).to.equal(before);
      }
    });

    it('rejects if the thread has unrecorded turns', async () => {
      const { threadId } = await turn(here, 'one', { home });
      await (await here.resumeThread(threadId)).run('by hand');

      expect(await failure(turn(here, 'two', { home }))).to.include({
        code: 'history-diverged',
        retryable: false,
      });
    });
  });
});
