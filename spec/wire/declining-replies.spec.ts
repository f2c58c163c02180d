import { expect } from 'chai';
import { decliningReply } from '../../lib/wire/declining-replies.js';
import type { ServerRequest } from '../../lib/protocol/index.js';

function replyTo(method: string): unknown {
  return decliningReply({ method } as ServerRequest);
}

describe('decliningReply', () => {
  it('declines a command and a file change, so that the turn goes on', () => {
    expect(replyTo('item/commandExecution/requestApproval')).to.deep.equal({
      result: { decision: 'decline' },
    });
    expect(replyTo('item/fileChange/requestApproval')).to.deep.equal({
      result: { decision: 'decline' },
    });
  });

  it('does not grant permissions', () => {
    expect(replyTo('item/permissions/requestApproval')).to.deep.equal({
      result: { permissions: {}, scope: 'turn' },
    });
  });

  it('does not answer questions and elicitations', () => {
    expect(replyTo('item/tool/requestUserInput')).to.deep.equal({ result: { answers: {} } });
    expect(replyTo('mcpServer/elicitation/request')).to.deep.equal({
      result: { action: 'decline', content: null, _meta: null },
    });
  });

  it('reports a tool call as failed', () => {
    expect(replyTo('item/tool/call')).to.have.nested.property('result.success', false);
  });

  it('denies the approvals of the first protocol version', () => {
    expect(replyTo('applyPatchApproval')).to.have.nested.property('result.decision.denied');
    expect(replyTo('execCommandApproval')).to.have.nested.property('result.decision.denied');
  });

  it('reports the time', () => {
    const before = Math.floor(Date.now() / 1000);

    const reply = replyTo('currentTime/read') as { result: { currentTimeAt: number } };

    expect(reply.result.currentTimeAt).to.be.within(before, before + 5);
  });

  it('refuses requests that need tokens', () => {
    expect(replyTo('account/chatgptAuthTokens/refresh')).to.have.nested.property(
      'error.code',
      -32000,
    );
    expect(replyTo('attestation/generate')).to.have.nested.property('error.code', -32000);
  });

  it('refuses other methods, regardless of their names', () => {
    expect(replyTo('item/brand/new')).to.deep.equal({
      error: { code: -32601, message: 'Method not found: item/brand/new' },
    });
    expect(replyTo('constructor')).to.have.nested.property('error.code', -32601);
  });
});
