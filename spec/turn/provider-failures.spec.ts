import { expect } from 'chai';
import { TurnFailedError, type CodexOptionsRecord, type TurnEvent } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('A turn whose provider fails', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;

  before(async () => {
    offline = await OfflineCodex.start();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** A custom provider, for which codex-rs does not retry. */
  function impatient(): CodexOptionsRecord {
    return {
      apiKey: undefined,
      baseUrl: undefined,
      env: { ...offline.environment, OWN_KEY: 'own-key-123456' },
      modelProvider: 'own',
      config: {
        model_providers: {
          own: {
            name: 'own',
            base_url: offline.model.baseUrl,
            wire_api: 'responses',
            env_key: 'OWN_KEY',
            request_max_retries: 0,
            stream_max_retries: 0,
            supports_websockets: false,
          },
        },
      },
    };
  }

  async function failure(reply: ScriptedReply): Promise<TurnFailedError> {
    offline.model.reply(reply);
    const codex = offline.client({
      ...impatient(),
      apiKey: undefined,
      baseUrl: undefined,
    });
    const thread = codex.startThread();
    const error = await thread.run('Hi').then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!TurnFailedError.is(error)) throw new Error('It did not fail as a turn.', { cause: error });

    offline.model.reply(ScriptedReply.message('Well again'));
    expect((await thread.run('Again')).finalResponse).to.equal('Well again');
    await codex.close();
    return error;
  }

  it('is an authentication failure after a 401, which is not retryable', async () => {
    const error = await failure(ScriptedReply.status(401));

    expect(error).to.include({ reason: 'authentication', retryable: false, providerStatus: 401 });
  });

  it('is rate-limited after a 429, which is retryable', async () => {
    const error = await failure(ScriptedReply.status(429));

    expect(error).to.include({ reason: 'rate-limited', retryable: true, providerStatus: 429 });
  });

  it('is a server error after a 500, which is retryable', async () => {
    const error = await failure(ScriptedReply.status(500));

    expect(error).to.include({ reason: 'server-error', retryable: true });
  });

  it('is a disconnected stream after a broken connection, which is retryable', async () => {
    const error = await failure(ScriptedReply.deltas('half an ').cut());

    expect(error).to.include({ reason: 'stream-disconnected', retryable: true });
  });

  it('yields the failure as an event and then throws it once', async () => {
    offline.model.reply(ScriptedReply.status(401));
    const codex = offline.client({
      ...impatient(),
      apiKey: undefined,
      baseUrl: undefined,
    });
    const turn = codex.startThread().runStreamed('Hi');
    const types: TurnEvent['type'][] = [];

    const thrown = await (async () => {
      for await (const event of turn) types.push(event.type);
      return null;
    })().catch((error: unknown) => error);

    expect(types.filter((type) => type === 'turn.failed')).to.have.length(1);
    expect(types.at(-1)).to.equal('turn.failed');
    expect(thrown).to.be.instanceOf(TurnFailedError);
    expect(await turn.result().catch((error: unknown) => error)).to.equal(thrown);
  });

  describe('once, with the built-in provider', () => {
    async function outcomeAfter(reply: ScriptedReply): Promise<unknown> {
      const codex = offline.client();
      offline.model.reply(reply, ScriptedReply.message('the next reply'));
      const outcome: unknown = await codex
        .startThread()
        .run('Hi')
        .then(
          ({ finalResponse }) => finalResponse,
          (error: unknown) => (TurnFailedError.is(error) ? error.reason : error),
        );
      if (outcome !== 'the next reply') await codex.startThread().run('Receive the other reply');
      await codex.close();
      return outcome;
    }

    it('fails at once after a 400, a 404 of the model or a 429', async () => {
      expect(await outcomeAfter(ScriptedReply.status(400))).to.equal('invalid-request');
      expect(await outcomeAfter(ScriptedReply.status(404))).to.equal('model-not-found');
      expect(await outcomeAfter(ScriptedReply.status(429))).to.equal('rate-limited');
    });

    it('continues with the next reply after a 401, a 403 or a 500', async () => {
      expect(await outcomeAfter(ScriptedReply.status(401))).to.equal('the next reply');
      expect(await outcomeAfter(ScriptedReply.status(403))).to.equal('the next reply');
      expect(await outcomeAfter(ScriptedReply.status(500))).to.equal('the next reply');
    });
  });
});
