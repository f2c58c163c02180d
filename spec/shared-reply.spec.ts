import { expect } from 'chai';
import { withCallLimits } from '../lib/wire/call-limits.js';
import { sharedReply } from '../lib/shared-reply.js';
import { failure } from './outcomes.js';

describe('sharedReply', () => {
  it('resolves for every caller', async () => {
    const reply = Promise.resolve('yes');

    const replies = await withCallLimits({ timeoutMs: 1000 }, async () =>
      Promise.all([sharedReply('account/read', reply), sharedReply('account/read', reply)]),
    );

    expect(replies).to.deep.equal(['yes', 'yes']);
  });

  it('waits for each caller within its own limits', async () => {
    let answer: (value: string) => void = () => undefined;
    const reply = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const patient = sharedReply('account/read', reply);
    const impatient = withCallLimits({ timeoutMs: 1 }, async () =>
      sharedReply('account/read', reply),
    );

    expect(await failure(impatient))
      .to.include({ code: 'timeout' })
      .with.property('message', 'codex-rs did not reply to account/read within 1 ms.');
    answer('yes');
    expect(await patient).to.equal('yes');
  });

  it('rejects with the reason of the signal', async () => {
    const controller = new AbortController();
    const waiting = withCallLimits({ signal: controller.signal }, async () =>
      sharedReply('account/read', new Promise(() => undefined)),
    );

    controller.abort(new Error('enough'));

    expect(await failure(waiting)).to.equal(controller.signal.reason);
  });
});
