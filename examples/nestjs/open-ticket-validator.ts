import { Inject, Injectable } from '@nestjs/common';
import { CodexRsResumeValidator, type ResumeClaim, type ResumeVerdict } from '../../lib/index.js';
import { Tickets } from './tickets.js';

// #region validator
@Injectable()
export class OpenTicketValidator extends CodexRsResumeValidator {
  constructor(@Inject(Tickets) private readonly tickets: Tickets) {
    super();
  }

  protected override async judge(claim: ResumeClaim): Promise<ResumeVerdict> {
    const { threadId } = claim;
    const { data } = await claim.request('thread/attachment/list', { threadId });
    for (const { identityKey } of data) {
      const [name, ticket = ''] = identityKey.split('=');
      if (name === 'ticket' && (await this.tickets.isClosed(ticket)))
        return { accepted: false, reason: 'metadata-mismatch', message: `${ticket} is closed.` };
    }
    return super.judge(claim);
  }
}
// #endregion
