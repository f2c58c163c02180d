import { expect } from 'chai';
import sinon from 'sinon';
import { inspect } from 'node:util';
import {
  Codex,
  CodexRsResumeValidator,
  ContinuationToken,
  ResumeRejectedError,
  ResumeValidator,
  telemetry,
  ThreadMetadata,
  ValidationError,
  type ForkOptions,
  type ResumeClaim,
  type ResumeOptions,
  type ResumeProof,
  type ResumeRejection,
  type ResumeVerdict,
} from '../../lib/index.js';
import { PythonFixtureResumeValidator } from '../../lib/parity/index.js';
import { failure } from '../outcomes.js';
import { recorded } from '../python/fixture-folder.js';

const threadId = '01a20000-0000-7000-8000-000000000001';
const { main } = recorded('one-turn', 'metadata.json') as { main: unknown };
const metadata = ThreadMetadata.fromJSON(main);
const claim: ResumeClaim = {
  threadId,
  continuation: null,
  request: async () => Promise.reject(new Error('not connected')),
};

class Judging extends ResumeValidator {
  readonly #verdict: () => unknown;

  constructor(verdict: () => unknown) {
    super();
    this.#verdict = verdict;
  }

  protected override async judge(): Promise<ResumeVerdict> {
    return Promise.resolve(this.#verdict() as ResumeVerdict);
  }
}

describe('ResumeValidator', () => {
  it('rejects everything until judge is overridden', async () => {
    expect(await new ResumeValidator().validate(claim)).to.include({
      accepted: false,
      reason: 'unknown',
    });
  });

  it('rejects if the judgement throws', async () => {
    const broken = new Judging(() => {
      throw new Error('broken');
    });

    expect(await broken.validate(claim)).to.deep.include({
      accepted: false,
      reason: 'unknown',
      evidence: { error: 'Error: broken' },
    });
  });

  [
    undefined,
    null,
    true,
    {},
    { accepted: true },
    { accepted: 'yes' },
    { accepted: false, reason: 'bored', message: '' },
  ].forEach((value) => {
    it(`rejects if the judgement is ${JSON.stringify(value)}`, async () => {
      expect(await new Judging(() => value).validate(claim)).to.include({ accepted: false });
    });
  });

  it('accepts an explicit acceptance, and reads the missing metadata', async () => {
    const request = (async () => Promise.resolve({ thread: main })) as ResumeClaim['request'];

    const verdict = await new Judging(() => ({ accepted: true })).validate({ ...claim, request });

    expect(verdict).to.deep.include({ accepted: true, warnings: [] });
    expect(verdict).to.have.nested.property('metadata.threadId', metadata.threadId);
  });

  it('accepts the JSON of metadata as metadata', async () => {
    const verdict = await new Judging(() => ({ accepted: true, metadata: main })).validate(claim);

    expect(verdict).to.have.nested.property('metadata.threadId', metadata.threadId);
  });

  (
    [
      [undefined, 'it must be an object, got undefined'],
      ['yes', 'it must be an object, got "yes"'],
      [{ acepted: true }, 'accepted must be true or false, got undefined'],
      [{ accepted: 'yes' }, 'accepted must be true or false, got "yes"'],
      [
        { accepted: true, metadata, warnings: 'none' },
        'warnings must be an array of strings, got "none"',
      ],
      [{ accepted: true, metadata: {} }, 'id: is missing'],
      [{ accepted: false, reason: 'bored', message: '' }, 'got "bored"'],
      [{ accepted: false, reason: 'stale' }, 'message must be a string, got undefined'],
    ] as const
  ).forEach(([given, problem]) => {
    it(`names the problem with ${inspect(given, { depth: 0 })}`, async () => {
      const resumeValidator = { validate: async () => Promise.resolve(given) } as never;

      const verdict = await new Judging(() => given).validate(claim);
      const error = await failure(new Codex().resumeThread(threadId, { resumeValidator }));

      expect(verdict).to.include({ accepted: false, reason: 'unknown' });
      expect(verdict).to.have.property('message').that.contains(problem);
      expect(error).to.have.property('message').that.contains(problem);
    });
  });

  [ResumeValidator, CodexRsResumeValidator, PythonFixtureResumeValidator].forEach((role) => {
    it(`refuses the resume with an unconfigured stub of ${role.name}`, async () => {
      const resumeValidator = sinon.createStubInstance(role);

      const error = await failure(new Codex({ resumeValidator }).resumeThread(threadId));

      expect(error).to.be.instanceOf(ResumeRejectedError);
      expect(error).to.include({ reason: 'unknown' });
      expect(resumeValidator.validate.calledOnce).to.equal(true);
    });
  });

  it('refuses the resume with a stub that rejects, and reports it first', async () => {
    const resumeValidator = sinon.createStubInstance(ResumeValidator);
    resumeValidator.validate.rejects(new Error('out of sk-abcdefghijklmnop'));
    const told: string[] = [];
    const forget = telemetry.resumeMismatch.subscribe(({ message }) => told.push(message));

    const error = await failure(new Codex({ resumeValidator }).resumeThread(threadId));
    forget();

    expect(error).to.be.instanceOf(ResumeRejectedError);
    expect(error).to.have.property('cause').that.is.instanceOf(Error);
    expect(told).to.deep.equal(['The resume validator failed: Error: out of [redacted]']);
  });

  it('refuses the resume with a value that is not a validator', async () => {
    const resumeValidator = {} as unknown as ResumeValidator;

    const error = await failure(new Codex().resumeThread(threadId, { resumeValidator }));

    expect(error).to.be.instanceOf(ResumeRejectedError);
  });

  it('refuses a thread with the metadata of another one', async () => {
    const resumeValidator = sinon.createStubInstance(ResumeValidator);
    resumeValidator.validate.resolves({ accepted: true, metadata, warnings: [] });

    const error = await failure(new Codex({ resumeValidator }).resumeThread(threadId));

    expect(error).to.include({ reason: 'metadata-mismatch' });
  });

  it('gives a validator only read access', async () => {
    const writing = new (class extends ResumeValidator {
      protected override async judge(given: ResumeClaim): Promise<ResumeVerdict> {
        await given.request('thread/delete' as 'thread/read', { threadId });
        throw new Error('It was sent.');
      }
    })();

    const error = await failure(new Codex({ resumeValidator: writing }).resumeThread(threadId));

    expect(error).to.have.nested.property(
      'verdict.evidence.error',
      'CodexError: A resume validator may only send reading requests, and thread/delete is not one of them.',
    );
  });

  it('refuses a proof with an unknown name', async () => {
    const builder = new Codex().thread();
    const proof = { continuatoin: 'ct1u.x.y' } as ResumeProof;

    const error = await failure(builder.resume(threadId, proof));

    expect(error).to.be.instanceOf(ValidationError);
    expect(error)
      .to.have.property('message')
      .that.contains('continuatoin: is not a known option; did you mean "continuation"?');
  });

  it('suggests the correct name of a proof in the options of a resume, and of a point in those of a fork', async () => {
    const codex = new Codex();

    const resumed = codex.resumeThread(threadId, { continuatoin: 'ct1u.x.y' } as ResumeOptions);
    const forked = codex.forkThread(threadId, { befor: threadId } as ForkOptions);

    expect(await failure(resumed))
      .to.be.instanceOf(ValidationError)
      .with.property('message')
      .that.contains('continuatoin: is not a known option; did you mean "continuation"?');
    expect(await failure(forked))
      .to.be.instanceOf(ValidationError)
      .with.property('message')
      .that.contains('befor: is not a known option; did you mean "before"?');
  });

  it('refuses a token in place of the options', async () => {
    const error = await failure(new Codex().resumeThread(threadId, 'ct1u.x.y' as never));

    expect(error)
      .to.be.instanceOf(ValidationError)
      .with.property('message')
      .that.contains('must be an object');
  });

  it('hides a token passed as an id', async () => {
    const token = String(ContinuationToken.issue({ threadId, turnId: null }));

    const error = await failure(new Codex().resumeThread(token));

    expect(error).to.be.instanceOf(ValidationError);
    expect(inspect(error, { depth: 9 })).not.to.contain(token.slice(4, 30));
  });

  it('can be replaced per builder and per call; the closest one is used', async () => {
    const refusing = (reason: ResumeRejection): ResumeValidator => {
      const stub = sinon.createStubInstance(ResumeValidator);
      stub.validate.resolves({ accepted: false, reason, message: '' });
      return stub;
    };
    const ofCodex = refusing('archived');
    const ofBuilder = refusing('busy');
    const ofCall = refusing('diverged');
    const codex = new Codex({ resumeValidator: ofCodex });
    const reasonOf = async (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'none',
        (error: unknown) => (error as ResumeRejectedError).reason,
      );

    expect(await reasonOf(codex.resumeThread(threadId))).to.equal('archived');
    const builder = codex.thread().withResumeValidator(ofBuilder);
    expect(await reasonOf(builder.resume(threadId))).to.equal('busy');
    expect(await reasonOf(builder.resume(threadId, { resumeValidator: ofCall }))).to.equal(
      'diverged',
    );
  });
});

describe('CodexRsResumeValidator', () => {
  it('reports that the backend is unavailable if it cannot be reached', async () => {
    const { TransportError } = await import('../../lib/index.js');
    const down: ResumeClaim = {
      ...claim,
      request: async () => Promise.reject(new TransportError('gone', { code: 'process-exited' })),
    };

    expect(await new CodexRsResumeValidator().validate(down)).to.include({
      accepted: false,
      reason: 'backend-unavailable',
    });
  });
});
