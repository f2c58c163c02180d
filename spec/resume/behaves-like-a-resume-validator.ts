import { expect } from 'chai';
import {
  ContinuationToken,
  type ResumeClaim,
  type ResumeValidator,
  type ResumeVerdict,
} from '../../lib/index.js';

/** The position of a thread to continue; the turn is null for a claim without a token. */
export interface ClaimedThread {
  readonly threadId: string;
  readonly turnId: string | null;
}

/** A validator, and a thread for it in every state that validators must distinguish. */
export interface JudgedThreads {
  readonly validator: ResumeValidator;
  readonly request: ResumeClaim['request'];
  readonly unchanged: ClaimedThread;
  readonly withoutToken: ClaimedThread;
  readonly advancedTwice: ClaimedThread;
  readonly cutOff: ClaimedThread;
  readonly reverted: ClaimedThread;
  readonly archived: ClaimedThread;
  readonly neverRan: ClaimedThread;
  readonly unknown: ClaimedThread;
}

type State = Exclude<keyof JudgedThreads, 'validator' | 'request'>;

/** The common behavior of all resume validators. */
export function itBehavesLikeAResumeValidator(given: () => JudgedThreads): void {
  async function verdictOn(state: State): Promise<ResumeVerdict> {
    const { validator, request, [state]: claimed } = given();
    const { threadId, turnId } = claimed;
    const continuation = turnId === null ? null : ContinuationToken.issue({ threadId, turnId });
    return validator.validate({ threadId, continuation, request });
  }

  it('accepts a thread at the position of the claim', async () => {
    const verdict = await verdictOn('unchanged');

    expect(verdict).to.deep.include({ accepted: true, warnings: [] });
    expect(verdict).to.have.nested.property('metadata.threadId', given().unchanged.threadId);
  });

  it('accepts a thread without a token, with a warning', async () => {
    expect(await verdictOn('withoutToken')).to.deep.include({
      accepted: true,
      warnings: ['no-token'],
    });
  });

  it('accepts one newer turn that a crash cut off, with a warning', async () => {
    expect(await verdictOn('cutOff')).to.deep.include({
      accepted: true,
      warnings: ['interrupted-tail'],
    });
  });

  it('refuses a thread with newer turns, and reports their number', async () => {
    const verdict = await verdictOn('advancedTwice');

    expect(verdict).to.include({ accepted: false, reason: 'stale', advancedBy: 2 });
    expect(verdict).to.have.nested.property(
      'evidence.expectedTurnId',
      given().advancedTwice.turnId,
    );
  });

  it('refuses a thread whose turn was reverted', async () => {
    expect(await verdictOn('reverted')).to.include({ accepted: false, reason: 'diverged' });
  });

  it('refuses an archived thread', async () => {
    expect(await verdictOn('archived')).to.include({ accepted: false, reason: 'archived' });
  });

  it('refuses a thread that never ran', async () => {
    expect(await verdictOn('neverRan')).to.include({ accepted: false, reason: 'never-ran' });
  });

  it('refuses the id of an unknown thread', async () => {
    expect(await verdictOn('unknown')).to.include({ accepted: false, reason: 'unknown-thread' });
  });
}
