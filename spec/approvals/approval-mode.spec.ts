import { expect } from 'chai';
import { approvalModeSettings } from '../../lib/approvals/approval-mode.js';

describe('approvalModeSettings', () => {
  it('leaves decisions to the automatic reviewer in "autoReview"', () => {
    expect(approvalModeSettings('autoReview')).to.deep.equal({
      approvalPolicy: 'on-request',
      approvalsReviewer: 'auto_review',
    });
  });

  it('never asks in "denyAll"', () => {
    expect(approvalModeSettings('denyAll')).to.deep.equal({ approvalPolicy: 'never' });
  });

  it('never asks in "dangerouslyBypassApprovalsAndSandbox" either', () => {
    expect(approvalModeSettings('dangerouslyBypassApprovalsAndSandbox')).to.deep.equal({
      approvalPolicy: 'never',
    });
  });

  it('sends nothing without a mode', () => {
    expect(approvalModeSettings(undefined)).to.deep.equal({});
  });
});
