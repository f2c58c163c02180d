import { expect } from 'chai';
import { onAbort } from '../lib/on-abort.js';

describe('onAbort', () => {
  it('calls all remaining listeners, once', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    onAbort(controller.signal, () => calls.push('first'));
    const forget = onAbort(controller.signal, () => calls.push('second'));
    onAbort(controller.signal, () => calls.push('third'));

    forget();
    controller.abort();

    expect(calls).to.deep.equal(['first', 'third']);
  });

  it('calls the listener immediately if the signal has already fired', () => {
    const calls: string[] = [];

    onAbort(AbortSignal.abort(), () => calls.push('called'));

    expect(calls).to.deep.equal(['called']);
  });

  it('adds a single listener to a signal, regardless of the number of callers', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const { signal } = new AbortController();

    for (let call = 0; call < 200; call += 1) onAbort(signal, () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);

    expect(warnings).to.deep.equal([]);
  });
});
