// A validator of one's own: a thread may be continued only by the team that it is labelled with.
// Give it to `new Codex({ resumeValidator })`, to `withResumeValidator` or to one `resumeThread`; it runs in
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
          message: `It is not of team ${this.#team}.`,
        };
  }
}
