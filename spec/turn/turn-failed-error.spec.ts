import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TurnFailedError } from '../../lib/index.js';

function failedBy(codexErrorInfo: string, message = 'No.'): TurnFailedError {
  const error = { message, codexErrorInfo, additionalDetails: null, misalignment: null };
  return new TurnFailedError({ threadId: 't', turnId: 'u', error, items: [] });
}

/** The error kinds of codex-rs, from the protocol. */
function words(): string[] {
  const protocol = readFileSync(resolve('lib/protocol/generated/protocol.ts'), 'utf8');
  const union = /^export type CodexErrorInfo = (.*);$/m.exec(protocol)?.[1] ?? '';
  return [...union.replace(/\{.*?\} \}/g, '').matchAll(/"(\w+)"/g)].map(([, word = '']) => word);
}

describe('TurnFailedError', () => {
  it('has a reason for every error kind of the protocol', () => {
    const others = words().filter((word) => failedBy(word).reason === 'other');

    expect(words()).to.include.members(['bioPolicy', 'sandboxError', 'other']);
    expect(others).to.deep.equal(['threadRollbackFailed', 'other']);
  });

  it('states that codex-rs does not name a cause if its message is empty', () => {
    expect(failedBy('other', '').message).to.match(
      /^The turn failed \(other\): codex-rs does not name a cause\. /,
    );
  });

  it('is not retryable if a policy of the provider forbids the input', () => {
    for (const word of ['bioPolicy', 'cyberPolicy', 'misalignmentPolicyViolation'])
      expect(failedBy(word)).to.include({ reason: 'policy', retryable: false });
  });
});
