import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { StdioProcess, type StdioProcessProps } from '../../lib/transport/stdio-process.js';
import { TransportError } from '../../lib/errors.js';
import { Redactor } from '../../lib/redaction.js';
import { eventually, isAlive } from '../wire/eventually.js';
import { fixture, temporaryHome } from './real-launch.js';
import { Recorder } from '../wire/recorder.js';

const impatient = { inputEndMs: 50, terminateMs: 50 };

function program(
  name: string,
  args: readonly string[] = [],
  changes: Partial<StdioProcessProps> = {},
): StdioProcess {
  return new StdioProcess({
    command: process.execPath,
    args: [fixture(name), ...args],
    environment: process.env as Record<string, string>,
    maxFrameBytes: 1024,
    redactor: new Redactor(),
    ...changes,
  });
}

async function reasonOf(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as TransportError,
  );
}

describe('StdioProcess', function () {
  this.timeout(15_000);

  it('does not run before it is started', async () => {
    const link = program('process-echo');

    expect(link.pid).to.equal(null);
    expect(await reasonOf(link.send('{}'))).to.be.instanceOf(TransportError);
    await link.close();
  });

  it('exchanges lines and ends when its input ends', async () => {
    const link = program('process-echo');
    const recorder = new Recorder(link);

    await link.send('{"id":1,"method":"m","params":{"a":"é😀"}}');
    const line = await recorder.line(0);
    await link.close();
    const error = await recorder.end();

    expect(line).to.equal('{"id":1,"result":{"a":"é😀"}}');
    expect(error).to.include({ code: 'closed', retryable: false, exitCode: 0, signal: null });
    expect(isAlive(link.pid)).to.equal(false);
  });

  describe('when the process exits on its own', () => {
    it('reports the exit code and the redacted, uncolored end of its standard error, after the last line', async () => {
      const recorder = new Recorder(program('process-fails'));

      const error = await recorder.end();

      expect(recorder.lines).to.deep.equal(['last words']);
      expect(error).to.include({
        code: 'process-exited',
        exitCode: 7,
        signal: null,
        retryable: true,
      });
      expect(error.stderrTail).to.equal('ERROR cannot continue with [redacted]');
      expect(error.message).to.contain('exit code 7').and.to.contain('ERROR cannot continue');
    });

    it('reports the signal', async () => {
      const link = program('process-echo');
      const recorder = new Recorder(link);
      await link.send('{"id":1,"method":"m"}');
      await recorder.line(0);

      process.kill(link.pid!, 'SIGKILL');
      const error = await recorder.end();

      expect(error).to.include({ code: 'process-exited', exitCode: null, signal: 'SIGKILL' });
      expect(error.message).to.contain('SIGKILL');
    });

    it('reports the end once, and close() after it changes nothing', async () => {
      const link = program('process-fails');
      const recorder = new Recorder(link);

      await recorder.end();
      await link.close();
      await link.close();

      expect(recorder.errors).to.have.length(1);
      expect(await reasonOf(link.send('{}'))).to.equal(recorder.errors[0]);
    });

    it('ends the orphans of a killed process, although they hold the pipes open', async () => {
      const recorder = new Recorder(program('process-orphans'));

      const { command } = JSON.parse(await recorder.line(0)) as { command: number };
      const error = await recorder.end();

      expect(error.signal).to.equal('SIGKILL');
      await eventually(() => !isAlive(command));
    });
  });

  describe('when it cannot be started', () => {
    it('reports a program that does not exist', async () => {
      const link = program('process-echo', [], { command: '/nonexistent/codex' });
      const recorder = new Recorder(link);

      const error = await recorder.end();
      await link.close();

      expect(error).to.include({ code: 'start-failed', exitCode: null, retryable: false });
      expect(error.message).to.contain('/nonexistent/codex');
    });

    it('reports a directory that does not exist', async () => {
      const recorder = new Recorder(
        program('process-echo', [], { workingDirectory: '/nonexistent/place' }),
      );

      expect((await recorder.end()).message).to.contain('/nonexistent/place');
    });

    it('reports an argument that the system refuses', async () => {
      const recorder = new Recorder(program('process-echo', ['\0']));

      expect(await recorder.end()).to.have.property('code', 'start-failed');
    });

    it('reports arguments that are too long for the system', async () => {
      const recorder = new Recorder(program('process-echo', ['x'.repeat(200_000)]));

      const error = await recorder.end();

      expect(error).to.include({ code: 'start-failed', retryable: false });
      expect(error.message).to.contain('E2BIG').and.to.contain('config, configOverrides');
    });

    it('rejects the lines to send', async () => {
      const link = program('process-echo', [], { command: '/nonexistent/codex' });
      new Recorder(link);

      expect(await reasonOf(link.send('{}'))).to.have.property('code', 'start-failed');
    });
  });

  describe('close', () => {
    it('ends a process that ignores the end of its input and SIGTERM, and its command in another group', async () => {
      const link = program('process-stubborn', [], { patience: impatient });
      const recorder = new Recorder(link);
      const { command } = JSON.parse(await recorder.line(0)) as { command: number };
      expect(isAlive(command)).to.equal(true);

      await link.close();

      expect(await recorder.end()).to.include({ code: 'closed', signal: 'SIGKILL' });
      expect(isAlive(link.pid)).to.equal(false);
      await eventually(() => !isAlive(command));
    });

    it('ends once, even if it is called repeatedly', async () => {
      const link = program('process-echo');
      const recorder = new Recorder(link);

      await Promise.all([link.close(), link.close(), link.close()]);

      expect(recorder.errors).to.have.length(1);
    });

    it('starts nothing if it comes before the start', async () => {
      const link = program('process-echo');

      await link.close();
      const recorder = new Recorder(link);

      expect(await recorder.end()).to.have.property('code', 'closed');
      expect(link.pid).to.equal(null);
    });

    it('leaves no listener on this process, for any number of processes', async () => {
      const before = process.listenerCount('exit');
      const links = Array.from({ length: 12 }, () => program('process-echo'));
      const recorders = links.map((link) => new Recorder(link));

      const during = process.listenerCount('exit');
      await Promise.all(links.map(async (link) => link.close()));
      await Promise.all(recorders.map(async (recorder) => recorder.end()));

      expect(during).to.equal(before + 1);
      expect(process.listenerCount('exit')).to.equal(before);
    });
  });

  describe('broken pipes', () => {
    it('rejects unwritten lines with the exit of the process', async () => {
      using home = temporaryHome();
      const cue = path.join(home.path, 'cue');
      const link = program('process-walks-out', [cue]);
      const recorder = new Recorder(link);
      await recorder.line(0);

      const writes = Array.from({ length: 64 }, async () =>
        reasonOf(link.send('x'.repeat(1024 * 1024))),
      );
      writeFileSync(cue, '');
      const errors = await Promise.all(writes);

      expect(new Set(errors).size).to.equal(1);
      expect(errors[0]).to.include({ code: 'process-exited', exitCode: 9 });
    });

    it('ends a process that has closed its input', async () => {
      const link = program('process-deaf', [], { patience: { breakMs: 20 } });
      const recorder = new Recorder(link);
      await recorder.line(0);

      const error = await reasonOf(link.send('{}'));
      await link.close();

      expect(error).to.have.property('code', 'write-failed');
      expect(recorder.errors).to.deep.equal([error]);
      expect(isAlive(link.pid)).to.equal(false);
    });

    it('ends a process that has closed its output', async () => {
      const link = program('process-mute', [], { patience: { breakMs: 20 } });
      const recorder = new Recorder(link);

      const error = await recorder.end();
      await link.close();

      expect(error).to.have.property('code', 'process-exited');
      expect(error.message).to.contain('standard output');
      expect(isAlive(link.pid)).to.equal(false);
    });
  });

  describe('volume', () => {
    it('drains a flood on standard error, and keeps only its end', async () => {
      const link = program('process-floods');
      const recorder = new Recorder(link);

      expect(await recorder.line(0)).to.equal('ready');
      await link.close();

      expect((await recorder.end()).stderrTail.length).to.be.within(1, 8192);
    });

    it('reads a line of 100 MiB', async () => {
      const size = 100 * 1024 * 1024;
      const link = program('process-long-line', [String(size)], { maxFrameBytes: size });
      const recorder = new Recorder(link);

      const line = await recorder.line(0);
      await link.close();

      expect(Buffer.byteLength(line)).to.equal(size);
    });

    it('ends the process when a line is too long, with a typed error', async () => {
      const link = program('process-long-line', ['2000'], { maxFrameBytes: 1024 });
      const recorder = new Recorder(link);

      const error = await recorder.end();
      await link.close();

      expect(error).to.include({ code: 'frame-too-large', retryable: true });
      expect(error.message).to.contain('1024');
      expect(recorder.lines).to.deep.equal([]);
      expect(isAlive(link.pid)).to.equal(false);
    });
  });
});
