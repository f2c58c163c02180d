import { expect } from 'chai';
import fc from 'fast-check';
import { StdioProcess } from '../../lib/transport/stdio-process.js';
import { Redactor } from '../../lib/redaction.js';
import { scaled } from '../scale.js';
import { isAlive } from './eventually.js';
import { Recorder } from './recorder.js';

const endings = {
  close: async (link: StdioProcess) => link.close(),
  'close twice at once': async (link: StdioProcess) => Promise.all([link.close(), link.close()]),
  'close in the middle of writing': async (link: StdioProcess) => {
    const writes = Array.from({ length: 10 }, async () => link.send('x'.repeat(100_000)));
    await Promise.allSettled([link.close(), ...writes]);
  },
  'close after an answer': async (link: StdioProcess, recorder: Recorder) => {
    await link.send('{}');
    await recorder.line(0);
    await link.close();
  },
  'SIGKILL from outside': async (link: StdioProcess, recorder: Recorder) => {
    process.kill(link.pid!, 'SIGKILL');
    await recorder.end();
    await link.close();
  },
  'SIGTERM from outside in the middle of writing': async (link: StdioProcess) => {
    const writes = Array.from({ length: 10 }, async () => link.send('x'.repeat(100_000)));
    process.kill(link.pid!, 'SIGTERM');
    await Promise.allSettled(writes);
    await link.close();
  },
};

describe('Random lifecycles', function () {
  this.timeout(60_000);

  it('each end once, and leave no process and no listener', async () => {
    const before = process.listenerCount('exit');
    const kinds = Object.keys(endings) as (keyof typeof endings)[];

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), async (kind) => {
        // It returns every line, and ends with its input: the fastest program available.
        const link = new StdioProcess({
          command: 'cat',
          args: [],
          environment: process.env as Record<string, string>,
          maxFrameBytes: 200_000,
          redactor: new Redactor(),
        });
        const recorder = new Recorder(link);
        const { pid } = link;
        await endings[kind](link, recorder);

        expect(recorder.errors).to.have.length(1);
        expect(isAlive(pid)).to.equal(false);
      }),
      { numRuns: scaled(200, 50) },
    );

    expect(process.listenerCount('exit')).to.equal(before);
  });
});
