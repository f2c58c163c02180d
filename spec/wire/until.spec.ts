import { expect } from 'chai';
import type { SinonFakeTimers } from 'sinon';
import { TransportError } from '../../lib/errors.js';
import type { AppServerSession } from '../../lib/wire/app-server-session.js';
import type { Wait } from '../../lib/wire/until.js';
import { fakeTime } from '../fake-time.js';
import { failure } from '../outcomes.js';
import { MemoryConnection } from './memory-connection.js';
import { nextRound, openOver } from './memory-session.js';

const told: Wait['told'] = ({ method }) => method === 'thread/closed';

describe('A wait for a state of a thread', () => {
  let connection: MemoryConnection;
  let session: AppServerSession;
  let clock: SinonFakeTimers;

  beforeEach(async () => {
    connection = new MemoryConnection();
    session = await openOver(connection);
    clock = fakeTime('setTimeout', 'clearTimeout');
  });

  afterEach(async () => {
    expect(clock.countTimers()).to.equal(0);
    expect(session.isIdle).to.equal(true);
    clock.restore();
    await session.close();
  });

  function closed(threadId: string): void {
    connection.say({ method: 'thread/closed', params: { threadId } });
  }

  it('ends with the notification of this thread, and keeps the host alive until then', async () => {
    const wait = session.until('one', { told });

    closed('other');
    await nextRound();
    const wasIdle = session.isIdle;
    closed('one');

    expect(wasIdle).to.equal(false);
    expect(await wait).to.equal('told');
  });

  it('ends with a positive reply of codex-rs, polled immediately and every 10 seconds', async () => {
    const answers = [false, false, true];
    const asked = async (): Promise<boolean> => Promise.resolve(answers.shift() ?? false);
    const wait = session.until('one', { told, asked });

    await nextRound();
    const left = [answers.length];
    for (const ms of [9_999, 1, 10_000]) {
      clock.tick(ms);
      await nextRound();
      left.push(answers.length);
    }

    expect(left).to.deep.equal([2, 2, 1, 0]);
    expect(await wait).to.equal('answered');
  });

  it('stops polling when it has ended', async () => {
    let answer: (isSo: boolean) => void = () => undefined;
    const asked = async (): Promise<boolean> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const wait = session.until('one', { told, asked });

    closed('one');
    await wait;
    answer(false);
    await nextRound();

    expect(clock.countTimers()).to.equal(0);
  });

  it('rejects with the error of the poll', async () => {
    const refusal = new Error('No');

    const wait = session.until('one', { told, asked: async () => Promise.reject(refusal) });

    expect(await failure(wait)).to.equal(refusal);
  });

  it('ends after its timeout', async () => {
    const wait = session.until('one', { told, timeoutMs: 500 });

    clock.tick(500);

    expect(await wait).to.equal('late');
  });

  it('ends when its signal fires, or if it has fired before', async () => {
    const controller = new AbortController();
    const wait = session.until('one', { told, signal: controller.signal });

    controller.abort();

    expect(await wait).to.equal('aborted');
    expect(await session.until('one', { told, signal: AbortSignal.abort() })).to.equal('aborted');
  });

  it('ends when the process exits, or if it has exited before', async () => {
    const wait = session.until('one', { told });

    connection.break(new TransportError('gone', { code: 'process-exited' }));

    expect(await wait).to.equal('gone');
    expect(await session.until('one', { told })).to.equal('gone');
  });
});
