import { expect } from 'chai';
import sinon from 'sinon';
import { retryOnOverload } from '../../lib/wire/overload.js';
import { RequestError } from '../../lib/errors.js';
import { fakeTime } from '../fake-time.js';

const overloaded = new RequestError({ method: 'm', rpcCode: -32001, serverMessage: 'retry later' });

describe('retryOnOverload', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout');
  });

  afterEach(() => {
    clock.restore();
  });

  it('repeats the call until it is accepted', async () => {
    const call = sinon.stub<[], Promise<string>>();
    call.onCall(0).rejects(overloaded).onCall(1).rejects(overloaded).resolves('done');

    const result = retryOnOverload(call);
    await clock.tickAsync(10_000);

    expect(await result).to.equal('done');
    expect(call.callCount).to.equal(3);
  });

  it('increases the pause each time, to at least half of the doubled pause', async () => {
    const times: number[] = [];

    const result = retryOnOverload(
      async () => {
        times.push(Date.now());
        clock.setSystemTime(clock.Date.now());
        return Promise.reject(overloaded);
      },
      { attempts: 4, baseDelayMs: 100 },
    ).catch((error: unknown) => error);
    await clock.tickAsync(49);
    expect(times).to.have.length(1);
    await clock.tickAsync(51);
    expect(times).to.have.length(2);
    await clock.tickAsync(600);

    expect(times).to.have.length(4);
    expect(await result).to.equal(overloaded);
  });

  it('stops after the given number of attempts', async () => {
    const call = sinon.stub<[], Promise<string>>().rejects(overloaded);

    const result = retryOnOverload(call, { attempts: 2 }).catch((error: unknown) => error);
    await clock.tickAsync(10_000);

    expect(await result).to.equal(overloaded);
    expect(call.callCount).to.equal(2);
  });

  it('throws any other error immediately', async () => {
    const refused = new RequestError({ method: 'm', rpcCode: -32600, serverMessage: 'no' });
    const call = sinon.stub<[], Promise<string>>().rejects(refused);

    const result = await retryOnOverload(call).catch((error: unknown) => error);

    expect(result).to.equal(refused);
    expect(call.callCount).to.equal(1);
  });

  it('rejects with the reason of the signal while it waits, and stops calling', async () => {
    const controller = new AbortController();
    const call = sinon.stub<[], Promise<string>>().rejects(overloaded);
    const reason = { enough: true };

    const result = retryOnOverload(call, { signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    await clock.tickAsync(1);
    controller.abort(reason);
    await clock.tickAsync(10_000);

    expect(await result).to.equal(reason);
    expect(call.callCount).to.equal(1);
  });

  it('does not call if the signal has already fired', async () => {
    const call = sinon.stub<[], Promise<string>>().resolves('done');

    const result = await retryOnOverload(call, { signal: AbortSignal.abort('no') }).catch(
      (error: unknown) => error,
    );

    expect(result).to.equal('no');
    expect(call.callCount).to.equal(0);
  });
});
