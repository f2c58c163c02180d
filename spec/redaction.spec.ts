import { expect } from 'chai';
import { inspect } from 'node:util';
import { Codex, CodexError, CodexOptions, Secret, TurnFailedError } from '../lib/index.js';
import { Redactor } from '../lib/redaction.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { failure } from './outcomes.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

describe('A secret', () => {
  const key = 'my-very-own-key-without-a-shape';

  it('is not printed', () => {
    const secret = new Secret(key);

    expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.to.contain(
      key,
    );
    expect(secret.reveal()).to.equal(key);
  });

  it('does not appear in anything that a client prints', () => {
    const codex = new Codex({ apiKey: key });
    const thread = codex.startThread();

    const shown = [codex, codex.options, thread, CodexOptions.from({ apiKey: key })].map(
      (value) => `${inspect(value, { depth: 9, showHidden: true })} ${JSON.stringify(value)}`,
    );

    expect(shown.join()).not.to.contain(key);
  });

  it('is removed from texts, together with anything that looks like a credential', () => {
    const redactor = new Redactor([new Secret(key)]);

    expect(redactor.redact(`key ${key} and sk-abcdefghijkl, Bearer abcdefgh12`)).to.equal(
      'key [redacted] and [redacted], [redacted]',
    );
    expect(redactor.redactValue({ a: [key], b: 1 })).to.deep.equal({ a: ['[redacted]'], b: 1 });
  });

  it('is hidden in the JSON form of values, and dates stay dates', () => {
    const at = new Date(0);
    const value = { at, own: { toJSON: () => ({ said: `it is ${key}` }) } };

    expect(new Redactor([new Secret(key)]).redactValue(value)).to.deep.equal({
      at: '1970-01-01T00:00:00.000Z',
      own: { said: 'it is [redacted]' },
    });
  });

  it('is removed completely if another one is a prefix of it', () => {
    const redactor = new Redactor([new Secret('canary-key'), new Secret('canary-key-of-two')]);

    expect(redactor.redact('canary-key-of-two')).to.equal('[redacted]');
  });

  it('is removed from URLs, as a password or a parameter', () => {
    expect(
      new Redactor().redact(
        'postgres://me:canary@db/x https://canary@host/ https://host/?page=1&api_key=canary&q=2 git+ssh://git@host',
      ),
    ).to.equal(
      'postgres://[redacted]@db/x https://[redacted]@host/ https://host/?page=1&api_key=[redacted]&q=2 git+ssh://git@host',
    );
  });

  it('does not affect field names, or words that match it by chance', () => {
    const redactor = new Redactor(['completed', 'lm-studio', key].map((text) => new Secret(text)));
    const value = { completed: { status: 'completed', provider: 'lm-studio', [key]: 1 } };

    expect(redactor.redactValue(value)).to.deep.equal(value);
    expect(redactor.redactValue({ a: 'Wrong key lm-studio', b: [key] })).to.deep.equal({
      a: 'Wrong key [redacted]',
      b: ['[redacted]'],
    });
  });

  it('is a placeholder if it is shorter than 8 characters, and hides nothing', () => {
    const redactor = new Redactor(['x', 'test', 'message'].map((text) => new Secret(text)));

    expect(redactor.redact('a test of the next message')).to.equal('a test of the next message');
  });

  it('does not appear in errors if it looks like a credential', () => {
    const error = new CodexError('It was sk-abcdefghijkl', {
      code: 'x',
      cause: new Error('sk-abcdefghijkl'),
    });

    expect(`${error.message} ${JSON.stringify(error)}`).not.to.contain('sk-abc');
  });

  it('is not in the error if the provider echoes it', async function () {
    this.timeout(20_000);
    await using offline = await OfflineCodex.start();
    offline.model.otherwise(
      ScriptedReply.status(400, { error: { message: `Incorrect API key provided: ${key}` } }),
    );

    const error: unknown = await offline
      .client({ apiKey: key })
      .startThread()
      .run('Hi')
      .catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(CodexError);
    expect(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`).not.to.contain(key);
    expect(String(error)).to.contain('[redacted]');
  });

  it('does not affect turns if it is a placeholder', async function () {
    this.timeout(20_000);
    await using offline = await OfflineCodex.start();
    const message = 'Unit test of the max_tokens for a local model failed';
    for (const apiKey of ['x', 'message', 'completed']) {
      offline.model.reply(
        ScriptedReply.message('This message is completed'),
        ScriptedReply.status(400, { error: { message, type: 'invalid_request_error' } }),
      );
      const codex = offline.client({ apiKey });
      const thread = codex.startThread();

      const { status, finalResponse } = await thread.run('Hi');
      const error = await failure(thread.run('Hi'));

      expect([status, finalResponse]).to.deep.equal(['completed', 'This message is completed']);
      expect(TurnFailedError.is(error), String(error)).to.equal(true);
      expect(String(error)).to.contain(message);
      await codex.close();
    }
    await noProcessLeft();
  });
});
