import { expect } from 'chai';
import { InFlight } from '../../lib/wire/in-flight.js';

describe('InFlight', () => {
  let order: string[];
  let finish: Map<string, () => void>;
  let calls: InFlight;

  async function work(name: string): Promise<string> {
    order.push(name);
    await new Promise<void>((resolve) => finish.set(name, resolve));
    return name;
  }

  async function nextRound(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  beforeEach(() => {
    order = [];
    finish = new Map();
    calls = new InFlight(2);
  });

  it('limits concurrent calls, and admits the others in order', async () => {
    const results = Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => calls.run(async () => work(name))),
    );
    await nextRound();
    const first = [...order];
    finish.get('b')?.();
    await nextRound();
    const second = [...order];
    finish.get('a')?.();
    finish.get('c')?.();
    await nextRound();
    finish.get('d')?.();

    expect(first).to.deep.equal(['a', 'b']);
    expect(second).to.deep.equal(['a', 'b', 'c']);
    expect(await results).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('admits another call if one fails', async () => {
    const failing = async (): Promise<never> => Promise.reject(new Error('no'));

    await Promise.allSettled([calls.run(failing), calls.run(failing), calls.run(failing)]);
    const result = calls.run(async () => work('a'));
    finish.get('a')?.();

    expect(await result).to.equal('a');
  });

  it('removes a cancelled call from the queue, and never runs it', async () => {
    const controller = new AbortController();
    const running = Promise.all(['a', 'b'].map(async (name) => calls.run(async () => work(name))));

    const waiting = calls
      .run(async () => work('c'), controller.signal)
      .catch((error: unknown) => error);
    controller.abort('enough');
    const reason = await waiting;
    finish.get('a')?.();
    finish.get('b')?.();
    await running;
    const next = Promise.all(['d', 'e'].map(async (name) => calls.run(async () => work(name))));
    await nextRound();
    finish.get('d')?.();
    finish.get('e')?.();
    await next;

    expect(reason).to.equal('enough');
    expect(order).to.deep.equal(['a', 'b', 'd', 'e']);
  });

  it('does not run work for a signal that has already fired', async () => {
    const reason = await calls
      .run(async () => work('a'), AbortSignal.abort('no'))
      .catch((error: unknown) => error);

    expect(reason).to.equal('no');
    expect(order).to.deep.equal([]);
  });
});
