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
  it('gives a form with its schema', () => {
    const form = ask();

    expect(form).to.include({ serverName: 'bank', mode: 'form', message: 'Your name?', url: null });
    expect(form.environmentId).to.equal(null);
    expect(form.requestedSchema).to.have.property('required').that.deep.equals(['name']);
  });

  it('sends the filled-in form', () => {
    expect(ask().allow({ name: 'Bob' }).reply).to.deep.equal({
      action: 'accept',
      content: { name: 'Bob' },
      _meta: null,
    });
  });

  it('refuses a form without a required field', () => {
    expect(() => ask().allow({})).to.throw(ValidationError, 'name: is required');
    expect(() => ask().allow('Bob' as never)).to.throw(ValidationError, 'must be an object');
  });

  it('gives a page to visit, and agrees without content', () => {
    const visit = ask(page);

    expect(visit).to.include({ mode: 'url', url: 'https://x.test/', elicitationId: 'e1' });
    expect(visit.allow().reply).to.deep.equal({ action: 'accept', content: null, _meta: null });
  });

  it('tells a refusal from a dismissal', () => {
    expect(ask().deny('no').reply).to.deep.equal({ action: 'decline', content: null, _meta: null });
    expect(ask().cancel().reply).to.deep.equal({ action: 'cancel', content: null, _meta: null });
  });

  it('cannot be allowed when the user has to prove who they are', () => {
    const verification = ask(proof);

    expect(verification).to.include({ mode: 'userVerification', message: 'You?: Show it' });
    expect(verification.decisions).to.deep.equal(['deny', 'cancel', 'pass']);
    expect(() => verification.allow())
      .to.throw('"allow"')
      .with.property('code', 'decision-not-possible');
  });

  it('cannot be read in a mode that is not known', () => {
    expect(() => ask({ ...page, mode: 'telepathy' })).to.throw(TypeError, 'not known');
  });
});
