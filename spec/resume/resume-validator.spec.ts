import { expect } from 'chai';
import sinon from 'sinon';
import {
  Codex,
  CodexRsResumeValidator,
  ResumeRejectedError,
  ResumeValidator,
  type ResumeClaim,
  type ResumeRejection,
  type ResumeVerdict,
} from '../../lib/index.js';

const threadId = '01a20000-0000-7000-8000-000000000001';
const claim: ResumeClaim = {
  threadId,
  continuation: null,
  request: async () => Promise.reject(new Error('nobody there')),
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

  it('rejects when the judgement throws', async () => {
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
    it(`rejects when the judgement is ${JSON.stringify(value)}`, async () => {
      expect(await new Judging(() => value).validate(claim)).to.include({ accepted: false });
    });
  });

  it('lets an unconfigured stub refuse the resume', async () => {
    const resumeValidator = sinon.createStubInstance(ResumeValidator);

    const error = await new Codex({ resumeValidator })
      .resumeThread(threadId)
      .catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(ResumeRejectedError);
    expect(resumeValidator.validate.calledOnce).to.equal(true);
  });

  it('is replaced per builder and per call, the nearest wins', async () => {
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
  it('says that the backend is not available when it cannot be asked', async () => {
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
