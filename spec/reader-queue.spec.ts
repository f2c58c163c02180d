import { expect } from 'chai';
import { ReaderQueue } from '../lib/reader-queue.js';

describe('ReaderQueue', () => {
  it('returns waiting values in order, at a constant cost', () => {
    const queue = new ReaderQueue<number>();
    for (let value = 0; value < 200_000; value += 1) queue.push(value);

    const startedAt = performance.now();
    for (let value = 0; value < 100_000; value += 1) if (queue.take() !== value) break;

    expect([queue.first, queue.size]).to.deep.equal([100_000, 100_000]);
    // With Array.shift() it takes several seconds.
    expect(performance.now() - startedAt).to.be.lessThan(1000);
  });

  it('throws its error once, after the waiting values', async () => {
    const queue = new ReaderQueue<string>();
    const error = new Error('gone');
    queue.push('a');
    queue.end({ error });

    expect((await queue.next()).value).to.equal('a');
    expect(await queue.next().catch((reason: unknown) => reason)).to.equal(error);
    expect(await queue.next()).to.deep.equal({ done: true, value: undefined });
  });

  it('wakes waiting readers in order', async () => {
    const queue = new ReaderQueue<string>();
    const asked = Promise.all([queue.next(), queue.next(), queue.next(), queue.next()]);
    queue.push('a');
    queue.push('b');
    queue.end();

    expect((await asked).map(({ value }) => value)).to.deep.equal(['a', 'b', undefined, undefined]);
  });

  it('is empty after it is discarded', async () => {
    const queue = new ReaderQueue<string>();
    queue.push('a');
    queue.discard();
    queue.push('b');
    queue.end();

    expect(await queue.next()).to.deep.equal({ done: true, value: undefined });
  });
});
