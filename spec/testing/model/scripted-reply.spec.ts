import { expect } from 'chai';
import { ValidationError } from '../../../lib/errors.js';
import { Gate, ScriptedModel, ScriptedReply } from '../../../lib/testing/index.js';

describe('ScriptedReply', () => {
  it('returns a new reply with every part and does not change the old one', async () => {
    await using model = await ScriptedModel.start();
    const short = ScriptedReply.message('a');
    const long = short.message('b');
    const dear = short.usage({ inputTokens: 77 });
    model.reply(short, long, dear);

    expect(await postTo(model))
      .to.contain('"text":"a"')
      .and.not.contain('"text":"b"');
    expect(await postTo(model))
      .to.contain('"text":"b"')
      .and.contain('"input_tokens":10');
    expect(await postTo(model))
      .to.contain('"input_tokens":77,')
      .and.contain('"total_tokens":82');
  });

  it('sends a status with the given body and headers', async () => {
    await using model = await ScriptedModel.start();
    model.reply(
      ScriptedReply.status(418, 'short and stout', { 'x-pot': 'tea' }),
      ScriptedReply.status(422, { detail: 'no' }),
    );

    const teapot = await post(model);
    const json = await post(model);

    expect([teapot.status, teapot.headers.get('x-pot')]).to.deep.equal([418, 'tea']);
    expect(await teapot.text()).to.equal('short and stout');
    expect([json.status, await json.json()]).to.deep.equal([422, { detail: 'no' }]);
  });

  it('generates a body for an unknown status', async () => {
    await using model = await ScriptedModel.start();
    model.reply(ScriptedReply.status(502));

    const response = await post(model);

    expect(await response.json()).to.deep.equal({
      error: { type: 'error', code: null, message: 'HTTP 502' },
    });
  });

  it('waits before a status if requested', async () => {
    await using model = await ScriptedModel.start();
    const gate = new Gate();
    model.reply(ScriptedReply.delay(1).gate(gate).status(503));

    const response = post(model);
    await gate.reached;
    gate.open();

    expect((await response).status).to.equal(503);
  });

  it('completes without output if it has no parts', async () => {
    await using model = await ScriptedModel.start();
    model.reply(ScriptedReply.empty());

    expect(await postTo(model))
      .to.contain('response.completed')
      .and.contain('"output":[]');
  });

  it('refuses parts after one that ends it', () => {
    const ended = /message: cannot follow cut, which ends the reply/;

    expect(() => ScriptedReply.cut().message('late')).to.throw(ValidationError, ended);
    expect(() => ScriptedReply.status(500).usage({ inputTokens: 1 }).cut()).to.throw(
      ValidationError,
    );
    expect(() => ScriptedReply.failed('x', 'y').delay(1)).to.throw(ValidationError);
  });

  it('refuses a status once the stream has begun', () => {
    expect(() => ScriptedReply.message('Hello').status(500)).to.throw(
      ValidationError,
      /status: cannot follow message/,
    );
  });

  it('refuses invalid statuses and durations', () => {
    expect(() => ScriptedReply.status(99)).to.throw(ValidationError, /got 99/);
    expect(() => ScriptedReply.status(200.5)).to.throw(ValidationError, /got 200.5/);
    expect(() => ScriptedReply.delay(-1)).to.throw(ValidationError, /got -1/);
    expect(() => ScriptedReply.delay(Number.NaN)).to.throw(ValidationError, /got NaN/);
    expect(() => ScriptedReply.usageLimitReached({ resetsAt: new Date('x') })).to.throw(
      ValidationError,
      /resetsAt/,
    );
  });
});

async function post(model: ScriptedModel): Promise<Response> {
  return fetch(`${model.baseUrl}/responses`, { method: 'POST', body: '{}' });
}

async function postTo(model: ScriptedModel): Promise<string> {
  return (await post(model)).text();
}
