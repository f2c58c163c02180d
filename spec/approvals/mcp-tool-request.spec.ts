import { expect } from 'chai';
import type { JsonValue, McpServerElicitationRequestParams } from '../../lib/protocol/index.js';
import { asked, mcpToolCall, serverRequest } from './server-requests.js';

const method = 'mcpServer/elicitation/request';
const request = serverRequest(method, mcpToolCall);
const withMeta = (changed: Record<string, JsonValue>) =>
  serverRequest(method, {
    ...mcpToolCall,
    _meta: { ...(mcpToolCall._meta as object), ...changed },
  });
const elicitation = (given: Partial<McpServerElicitationRequestParams>) =>
  serverRequest(method, { ...mcpToolCall, ...given } as McpServerElicitationRequestParams);

describe('McpToolRequest', () => {
  it('has the server, the tool and its arguments', () => {
    const call = asked('mcpToolCall', request);

    expect(call).to.include({ serverName: 'bank', toolName: 'pay', toolDescription: 'pays' });
    expect(call.arguments).to.deep.equal({ amount: 3 });
    expect(call.itemId).to.equal(null);
  });

  it('has the environment of the server, if there is one', () => {
    const remote = asked('mcpToolCall', elicitation({ environmentId: 'remote' }));
    const unnamed = asked('mcpToolCall', elicitation({ environmentId: undefined as never }));

    expect(remote.environmentId).to.equal('remote');
    expect(unnamed.environmentId).to.equal(null);
  });

  it('sends each decision in the form of codex-rs', () => {
    const call = asked('mcpToolCall', request);
    const accepted = { action: 'accept', content: {} };

    expect(call.allow().reply).to.deep.equal({ ...accepted, _meta: null });
    expect(call.allowForSession().reply).to.deep.equal({
      ...accepted,
      _meta: { persist: 'session' },
    });
    expect(call.allowAlwaysForAllThreads().reply).to.deep.equal({
      ...accepted,
      _meta: { persist: 'always' },
    });
    expect(call.deny().reply).to.include({ action: 'decline' });
    expect(call.cancel().reply).to.include({ action: 'cancel' });
  });

  it('is remembered only as codex-rs offers', () => {
    const once = asked('mcpToolCall', withMeta({ persist: [] }));

    expect(once.decisions).to.deep.equal(['allow', 'deny', 'cancel', 'pass']);
    expect(() => once.allowForSession())
      .to.throw('"allowForSession"')
      .with.property('code', 'decision-not-possible');
  });

  it('is not created for a form with fields, regardless of its marker', () => {
    const spoofed = elicitation({
      requestedSchema: { type: 'object', properties: { pin: { type: 'string' } } },
    });

    expect(asked('elicitation', spoofed).serverName).to.equal('bank');
  });

  it('is not created for another marker', () => {
    const other = elicitation({ _meta: { codex_approval_kind: 'other', tool_name: 'pay' } });

    expect(asked('elicitation', other).meta).to.deep.include({ codex_approval_kind: 'other' });
  });
});
