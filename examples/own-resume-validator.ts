// A custom validator: only the team in the labels of a thread may continue it.
// Pass it to `new Codex({ resumeValidator })`, to `withResumeValidator` or to one `resumeThread`; it runs in
// spec/resume/own-resume-validator.spec.ts.
import { ResumeValidator, type ResumeClaim, type ResumeJudgement } from '../lib/index.js';

export class TeamResumeValidator extends ResumeValidator {
  readonly #team: string;

  constructor(team: string) {
    super();
    this.#team = team;
  }

  protected override async judge(claim: ResumeClaim): Promise<ResumeJudgement> {
    const { threadId } = claim;
    const { data } = await claim.request('thread/attachment/list', { threadId });
    return data.some(({ identityKey }) => identityKey === `team=${this.#team}`)
      ? { accepted: true }
      : {
          accepted: false,
          reason: 'metadata-mismatch',
          message: `The thread does not belong to team ${this.#team}.`,
        };
  }
}
