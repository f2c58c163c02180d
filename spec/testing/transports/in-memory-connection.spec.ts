import { expect } from 'chai';
import { TransportError } from '../../../lib/errors.js';
import { InMemoryConnection } from '../../../lib/testing/transports/in-memory-connection.js';

interface Recorded {
  readonly transport: InMemoryConnection;
  /** The messages received by both sides, in order. */
  readonly log: string[];
  readonly start: () => void;
}

function recorded(): Recorded {
  const log: string[] = [];
  const transport = new InMemoryConnection({
    receive: (line) => log.push(`> ${line}`),
    end: () => log.push('end'),
  });
  const start = (): void => {
    transport.start({
      onLine: (line) => log.push(`< ${line}`),
      onClose: ({ code }) => log.push(`closed: ${code}`),
    });
  };
  return { transport, log, start };
}

/** Runs everything that is pending. */
async function settled(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}

describe('InMemoryConnection', () => {
  it('exchanges lines in order', async () => {
    const { transport, log, start } = recorded();
    start();

    await transport.send('a');
    await transport.send('b');
    transport.deliver('1');
    transport.deliver('2');
    await settled();

    expect(log).to.deep.equal(['> a', '> b', '< 1', '< 2']);
  });

  it('keeps lines that arrive before it is started', async () => {
    const { transport, log, start } = recorded();
    transport.deliver('early');
    await settled();
    const before = [...log];

    start();
    await settled();

    expect(before).to.deep.equal([]);
    expect(log).to.deep.equal(['< early']);
  });

  it('is never re-entrant for a sender', async () => {
    const { transport, log, start } = recorded();
    start();

    transport.deliver('later');
    void transport.send('later');
    log.push('first');
    await settled();

    expect(log).to.deep.equal(['first', '< later', '> later']);
  });

  it('reports the end once, after the last line', async () => {
    const { transport, log, start } = recorded();
    start();

    transport.deliver('last');
    transport.finish(new TransportError('gone', { code: 'process-exited' }));
    transport.finish(new TransportError('again', { code: 'closed' }));
    transport.deliver('too late');
    await settled();

    expect(log).to.deep.equal(['< last', 'closed: process-exited']);
  });

  it('refuses to send after the end, with the reason of the end', async () => {
    const { transport, start } = recorded();
    start();
    const gone = new TransportError('gone', { code: 'process-exited' });
    transport.finish(gone);

    const error: unknown = await transport.send('x').catch((reason: unknown) => reason);

    expect(error).to.equal(gone);
  });

  it('ends the server once, even if it is closed repeatedly', async () => {
    const { transport, log, start } = recorded();
    start();

    await transport.close();
    await transport.close();
    await settled();

    expect(log).to.deep.equal(['end', 'closed: closed']);
  });

  it('ends the server even if it has already ended', async () => {
    const { transport, log, start } = recorded();
    start();
    transport.finish(new TransportError('gone', { code: 'closed' }));

    await transport.close();
    await settled();

    expect(log).to.deep.equal(['end', 'closed: closed']);
  });
});
