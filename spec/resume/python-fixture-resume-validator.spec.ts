import { expect } from 'chai';
import { join } from 'node:path';
import {
  Codex,
  ContinuationToken,
  ResumeRejectedError,
  type ResumeVerdict,
} from '../../lib/index.js';
import {
  PythonFixtureResumeValidator,
  type PythonFixtureResumeValidatorProps,
} from '../../lib/parity/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { recorded } from '../python/fixture-folder.js';
import { ChangedFixtures, threadOf, turnOf } from '../python/resume-fixtures.js';
import { noProcessLeft } from '../root-hooks.js';

async function verdictOn(
  threadId: string,
  turnId?: string,
  props?: PythonFixtureResumeValidatorProps,
): Promise<ResumeVerdict> {
  return new PythonFixtureResumeValidator(props).validate({
    threadId,
    continuation: turnId === undefined ? null : ContinuationToken.issue({ threadId, turnId }),
    request: async () => Promise.reject(new Error('The fixtures are asked, not codex-rs.')),
  });
}

describe('PythonFixtureResumeValidator', function () {
  this.timeout(15_000);
  const threadId = threadOf('one-turn');
  let home: TemporaryCodexHome;

  before(async () => {
    home = await TemporaryCodexHome.create();
  });

  after(async () => {
    await home.remove();
    await noProcessLeft();
  });

  async function withProgram(source: string, timeoutMs = 10_000): Promise<ResumeVerdict> {
    await home.write('program.py', source);
    return verdictOn(threadId, undefined, { program: join(home.path, 'program.py'), timeoutMs });
  }

  it('accepts with the metadata recorded by the Python client', async () => {
    const verdict = await verdictOn(threadId);

    expect(verdict).to.deep.include({ accepted: true, warnings: ['no-token'] });
    const { main } = recorded('one-turn', 'metadata.json') as { main: unknown };
    expect(verdict.accepted && verdict.metadata.toJSON()).to.deep.equal(main);
  });

  it('sends the turn of the token', async () => {
    expect(
      await verdictOn(threadOf('resume-advanced'), turnOf('resume-advanced', 'left')),
    ).to.include({ accepted: false, reason: 'stale', advancedBy: 2 });
  });

  it('answers from another folder of fixtures', async () => {
    await using changed = await ChangedFixtures.of('one-turn');
    await changed.change((thread) => {
      thread.turns = [];
    });

    expect(await verdictOn(threadId, undefined, { fixtures: changed.folder })).to.include({
      reason: 'never-ran',
    });
  });

  it('validates the resume of a thread that codex-rs does not have', async () => {
    await using codex = new Codex({ resumeValidator: new PythonFixtureResumeValidator() });

    const thread = await codex.resumeThread(threadId);

    expect(thread.threadId).to.equal(threadId);
    expect(thread.metadata?.preview).to.equal('Say hello');
  });

  it('reports that Python is missing', async () => {
    const resumeValidator = new PythonFixtureResumeValidator({ python: 'python-that-is-not' });
    await using codex = new Codex({ resumeValidator });

    const error = await codex.resumeThread(threadId).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(ResumeRejectedError);
    expect(error).to.include({ reason: 'backend-unavailable', retryable: true });
    expect((error as Error).message).to.contain(
      'python-that-is-not was not found: install Python 3',
    );
  });

  it('reports that the program is missing', async () => {
    const verdict = await verdictOn(threadId, undefined, { program: '/no/such/program.py' });

    expect(verdict).to.include({ reason: 'backend-unavailable' });
    expect(verdict).to.have.property('message').that.contains('pass { program }');
  });

  it('reports that the fixtures are missing', async () => {
    const verdict = await verdictOn(threadId, undefined, { fixtures: home.path });

    expect(verdict).to.include({ reason: 'backend-unavailable' });
    expect(verdict).to.have.property('message').that.contains('contains no fixtures');
  });

  it('ends a program that does not answer in time', async () => {
    const verdict = await withProgram('while True: pass', 200);

    expect(verdict).to.include({ reason: 'backend-unavailable' });
    expect(verdict).to.have.property('message').that.contains('did not answer within 200 ms');
    await noProcessLeft();
  });

  it('keeps the standard error of a failing program', async () => {
    const verdict = await withProgram('raise SystemExit("out of birds")');

    expect(verdict).to.deep.include({
      reason: 'backend-unavailable',
      evidence: { stderr: 'out of birds\n', exitCode: 1, signal: null },
    });
  });

  it('rejects an answer that is not a verdict', async () => {
    expect(await withProgram('print("{}")')).to.deep.include({
      reason: 'unknown',
      evidence: { stderr: '', stdout: '{}\n' },
    });
  });

  it('rejects an answer that is not JSON', async () => {
    expect(await withProgram('print("yes")')).to.include({ reason: 'unknown' });
  });

  it('rejects an acceptance with invalid metadata', async () => {
    const verdict = await withProgram(
      'print(\'{"accepted": true, "metadata": {"id": 7}, "warnings": []}\')',
    );

    expect(verdict).to.include({ accepted: false, reason: 'unknown' });
  });

  it('rejects an endless answer', async () => {
    const verdict = await withProgram('while True: print("x" * 65536)');

    expect(verdict).to.include({ reason: 'backend-unavailable' });
    expect(verdict).to.have.property('message').that.contains('more than 16777216 bytes');
  });

  it('does not pass keys to the program', async () => {
    process.env.OPENAI_API_KEY = 'spec-key-1234567890';
    const verdict = await withProgram(
      'import os, sys; sys.exit(str(os.environ.get("OPENAI_API_KEY")))',
    ).finally(() => delete process.env.OPENAI_API_KEY);

    expect(verdict).to.have.nested.property('evidence.stderr', 'None\n');
  });
});
