import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import type { McpServerElicitationRequestParams } from '../../lib/protocol/index.js';
import { asked, params, threadId, turnId } from './server-requests.js';

const from = { threadId, turnId, serverName: 'bank', _meta: null };
const method = 'mcpServer/elicitation/request';
const ask = (given: object = params[method]) =>
  asked('elicitation', { id: 1, method, params: given as McpServerElicitationRequestParams });
const page = { ...from, mode: 'url', message: 'Go', url: 'https://x.test/', elicitationId: 'e1' };
const proof = {
  ...from,
  mode: 'openai/userVerification',
  title: 'You?',
  description: 'Show it',
  challenge: 'c',
};

describe('ElicitationRequest', () => {
  it('has a form with its schema', () => {
    const form = ask();

    expect(form).to.include({ serverName: 'bank', mode: 'form', message: 'Your name?', url: null });
    expect(form.environmentId).to.equal(null);
    expect(form.requestedSchema).to.have.property('required').that.deep.equals(['name']);
  });

  it('sends the completed form', () => {
    expect(ask().allow({ name: 'Bob' }).reply).to.deep.equal({
      action: 'accept',
      content: { name: 'Bob' },
      _meta: null,
    });
  });

  it('rejects a form without a required field', () => {
    expect(() => ask().allow({})).to.throw(ValidationError, 'name: is required');
    expect(() => ask().allow('Bob' as never)).to.throw(ValidationError, 'must be an object');
  });

  it('has a page to visit, and accepts without content', () => {
    const visit = ask(page);

    expect(visit).to.include({ mode: 'url', url: 'https://x.test/', elicitationId: 'e1' });
    expect(visit.allow().reply).to.deep.equal({ action: 'accept', content: null, _meta: null });
  });

  it('distinguishes a refusal from a dismissal', () => {
    expect(ask().deny('no').reply).to.deep.equal({ action: 'decline', content: null, _meta: null });
    expect(ask().cancel().reply).to.deep.equal({ action: 'cancel', content: null, _meta: null });
  });

  it('cannot be allowed if it requires user verification', () => {
    const verification = ask(proof);

    expect(verification).to.include({ mode: 'userVerification', message: 'You?: Show it' });
    expect(verification.decisions).to.deep.equal(['deny', 'cancel', 'pass']);
    expect(() => verification.allow())
      .to.throw('"allow"')
      .with.property('code', 'decision-not-possible');
  });

  it('rejects an unknown mode', () => {
    expect(() => ask({ ...page, mode: 'telepathy' })).to.throw(TypeError, 'unknown mode');
  });
});
