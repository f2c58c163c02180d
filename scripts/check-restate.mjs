// Runs the example for Restate: its server from the npm registry, haproxy, two workers on the real codex-rs, and a scripted model.
// Needs haproxy and Node.js 22. usage: node scripts/check-restate.mjs   (downloads packages from the npm registry)
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import './build-restate.mjs';

const { RestateFleet } = await import('./restate-fleet.mjs');

describe('A fleet on Restate', { timeout: 90_000 }, () => {
  let fleet;
  let failed = false;

  before(async () => {
    fleet = await RestateFleet.start();
  });

  afterEach(({ error }) => {
    failed ||= error !== undefined && error !== null;
  });

  after(async () => {
    if (failed) console.error(fleet?.said());
    await fleet?.close();
  });

  it('runs a turn once, even if its job is added twice', async () => {
    const first = await fleet.queue.add('PAY-1', { input: 'one' }, 'job-1');
    const second = await fleet.queue.add('PAY-1', { input: 'one' }, 'job-1');

    assert.equal(second.invocationId, first.invocationId);
    assert.equal(await fleet.queue.result(second), 'Done.');
    assert.deepEqual(await fleet.recorded('PAY-1'), ['PAY-1/1']);
  });

  it('runs the turns of a thread one at a time, and those of other threads meanwhile', async () => {
    const { turn, gate } = await fleet.held('PAY-1', 'two', 'job-2');
    const next = await fleet.queue.add('PAY-1', { input: 'three' }, 'job-3');
    const other = await fleet.queue.add('PAY-2', { input: 'other' }, 'job-4');

    assert.equal(await fleet.queue.result(other), 'Done.');
    assert.deepEqual(await fleet.recorded('PAY-1'), ['PAY-1/1']);
    gate.open();
    await fleet.queue.result(turn);
    await fleet.queue.result(next);
    assert.deepEqual(fleet.saidToModel(), ['one', 'two', 'three']);
    assert.deepEqual(await fleet.recorded('PAY-1'), ['PAY-1/1', 'PAY-1/2', 'PAY-1/3']);
  });

  it('interrupts a turn that is cancelled, and runs the next turn without it', async () => {
    const { turn, gate } = await fleet.held('PAY-1', 'four', 'job-5');
    const waiting = await fleet.queue.add('PAY-1', { input: 'five' }, 'job-6');
    const next = await fleet.queue.add('PAY-1', { input: 'six' }, 'job-7');
    await fleet.queue.cancel(waiting);
    await fleet.queue.cancel(turn);

    await assert.rejects(fleet.queue.result(turn), { status: 409 });
    // Restate keeps nothing of a turn that it removes from its queue.
    await assert.rejects(fleet.queue.result(waiting), { status: 404 });
    assert.equal(await fleet.queue.result(next), 'Done.');
    assert.deepEqual(fleet.saidToModel(), ['one', 'two', 'three', 'six']);
    gate.open();
  });

  it('gives the turn of a killed worker to another one, which records it once', async () => {
    const { turn, gate, worker } = await fleet.held('PAY-3', 'one', 'job-8');
    worker.child.kill('SIGKILL');

    assert.equal(await fleet.queue.result(turn), 'Done.');
    gate.open();
    assert.deepEqual(await fleet.recorded('PAY-3'), ['PAY-3/1']);
    const ended = fleet.workers.flatMap(({ name, lines }) =>
      lines.filter(({ kind, turn: key }) => kind === 'ended' && key === 'PAY-3/1').map(() => name),
    );
    assert.deepEqual(ended, [fleet.workers.find((other) => other.child !== worker.child)?.name]);
    const next = await fleet.queue.add('PAY-3', { input: 'two' }, 'job-9');
    await fleet.queue.result(next);
    assert.deepEqual(fleet.saidToModel(), ['one', 'two']);
    fleet.startWorker(worker.name, worker.port, worker.health);
  });

  it('gives the turn of a paused worker to another one, and drops the late result', async () => {
    const { turn, gate, worker } = await fleet.held('PAY-4', 'one', 'job-10');
    worker.child.kill('SIGSTOP');

    assert.equal(await fleet.queue.result(turn), 'Done.');
    gate.open();
    worker.child.kill('SIGCONT');
    const next = await fleet.queue.add('PAY-4', { input: 'two' }, 'job-11');
    await fleet.queue.result(next);
    assert.deepEqual(fleet.saidToModel(), ['one', 'two']);
    assert.deepEqual(await fleet.recorded('PAY-4'), ['PAY-4/1', 'PAY-4/2']);
  });

  it('lets a running turn end before its worker shuts down', async () => {
    const { turn, gate, worker } = await fleet.held('PAY-5', 'one', 'job-12');
    worker.child.kill('SIGTERM');
    const other = await fleet.queue.add('PAY-6', { input: 'other' }, 'job-13');
    assert.equal(await fleet.queue.result(other), 'Done.');
    gate.open();

    assert.equal(await fleet.queue.result(turn), 'Done.');
    assert.deepEqual(await worker.exit, [0, null]);
  });

  it('gives a turn to another worker after the grace period', async () => {
    const [stopped] = fleet.workers.filter(({ child }) => child.exitCode === 0);
    fleet.startWorker(stopped.name, stopped.port, stopped.health);
    const { turn, gate, worker } = await fleet.held('PAY-7', 'one', 'job-14');
    worker.child.kill('SIGTERM');

    assert.equal(await fleet.queue.result(turn), 'Done.');
    assert.deepEqual(await worker.exit, [0, null]);
    assert.deepEqual(await fleet.recorded('PAY-7'), ['PAY-7/1']);
    gate.open();
  });
});
