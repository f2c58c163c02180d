import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthenticationError,
  TransportError,
  ValidationError,
  type Codex,
  type CodexOptionsRecord,
  type PendingLogin,
} from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { ChatGptSite } from './chatgpt-site.js';

describe('A login to ChatGPT', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let site: ChatGptSite;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    site = await ChatGptSite.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const authFile = (): string => join(offline.home.path, 'auth.json');

  function client(options: CodexOptionsRecord = {}): Codex {
    const env = { ...offline.environment, ...site.environment };
    return offline.client({ apiKey: undefined, env, config: site.config, ...options });
  }

  it('returns a page, waits for the user, and survives a crash', async () => {
    const codex = client();
    const login = await codex.account.loginWithChatGpt();
    const done = login.wait({ timeoutMs: 15_000 });

    await site.visit(login.url, 'agrees');
    await done;

    expect(login.userCode).to.equal(null);
    expect(await codex.account.read()).to.deep.equal({
      type: 'chatgpt',
      email: 'ada@example.test',
      planType: 'plus',
      workspaceName: 'Payments',
      userId: 'user-1',
      requiresLogin: true,
    });
    await crash(codex);
    expect(await codex.account.read()).to.include({ type: 'chatgpt' });
    await login.wait();
    expect(await login.cancel()).to.equal(false);
    await codex.account.logout();
    expect(existsSync(authFile())).to.equal(false);
    expect(await codex.account.read()).to.include({ type: null, email: null });
  });

  it('with a code returns the code and the page to enter it', async () => {
    const codex = client();
    await using login = await codex.account.loginWithDeviceCode();

    expect(login.url).to.equal(`${site.url}/codex/device`);
    expect(login.userCode).to.equal('ABCD-EFGH');
    site.isCodeEntered = true;
    await login.wait({ timeoutMs: 15_000 });

    expect(await codex.account.read()).to.include({ type: 'chatgpt', planType: 'plus' });
  });

  it('fails with the message of the page if the user declines', async () => {
    const codex = client();
    const login = await codex.account.loginWithChatGpt();

    await site.visit(login.url, 'refuses');

    const refused = await failure(login.wait());
    expect(refused).to.be.instanceOf(AuthenticationError).and.to.include({ code: 'login-failed' });
    expect((refused as Error).message)
      .to.contain('No thanks')
      .and.to.contain('codex.account');
    expect(await codex.account.read()).to.include({ type: null });
  });

  it('is cancelled by cancel() or by a newer one, without falling back to a key in the environment', async () => {
    const codex = client({
      env: { ...offline.environment, ...site.environment, OPENAI_API_KEY: 'general-key-123456' },
    });
    expect(await codex.account.read()).to.include({ type: 'apiKey' });
    const canceled = async (login: PendingLogin): Promise<void> => {
      const error = await failure(login.wait());
      expect(error)
        .to.be.instanceOf(AuthenticationError)
        .and.to.include({ code: 'login-canceled' });
    };

    const first = await codex.account.loginWithChatGpt();
    const second = await codex.account.loginWithChatGpt();
    await canceled(first);
    expect(await first.cancel()).to.equal(false);
    const waiting = canceled(second);
    expect(await second.cancel()).to.equal(true);
    await waiting;
    const third = await codex.account.loginWithDeviceCode();
    expect(await third.cancel()).to.equal(true);
    await canceled(third);
    expect(await failure(codex.startThread().run('Hi'))).to.be.instanceOf(AuthenticationError);
    expect(offline.model.requests).to.be.empty;
  });

  it('continues after its caller has stopped waiting', async () => {
    const codex = client();
    const login = await codex.account.loginWithChatGpt();
    const reason = new Error('enough');

    expect(await failure(login.wait({ timeoutMs: 1 }))).to.include({ code: 'login-timeout' });
    expect(await failure(login.wait({ signal: AbortSignal.abort(reason) }))).to.equal(reason);
    const controller = new AbortController();
    const waiting = failure(login.wait({ signal: controller.signal }));
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
    expect(await failure(login.wait({ timeoutMs: 0 }))).to.be.instanceOf(ValidationError);

    await site.visit(login.url, 'agrees');
    await login.wait();
  });

  it('ends with codex-rs', async () => {
    const codex = client();
    const login = await codex.account.loginWithChatGpt();
    const waiting = failure(login.wait());

    await codex.close();

    expect(await waiting).to.be.instanceOf(TransportError);
    expect(await login.cancel()).to.equal(false);
  });

  it('replaces the key of a client, which is not used again', async () => {
    const codex = client({ apiKey: 'spec-key-1234567890' });
    expect(await codex.account.read()).to.include({ type: 'apiKey' });

    const login = await codex.account.loginWithChatGpt();
    await site.visit(login.url, 'agrees');
    await login.wait();

    expect(await codex.account.read()).to.include({ type: 'chatgpt' });
    expect(readFileSync(authFile(), 'utf8')).not.to.contain('spec-key');
  });

  it('that cannot be started leaves the key of the client in place', async () => {
    const codex = client({
      apiKey: 'spec-key-1234567890',
      env: { ...offline.environment, CODEX_APP_SERVER_LOGIN_ISSUER: 'http://127.0.0.1:9' },
    });

    const unreachable = await failure(codex.account.loginWithDeviceCode());
    await codex.startThread().run('Hi');

    expect(unreachable).to.be.instanceOf(AuthenticationError);
    expect(unreachable).to.include({ code: 'login-failed', retryable: true });
    expect(offline.model.requests[0]?.headers.authorization).to.equal('Bearer spec-key-1234567890');
  });

  it('with an invalid response is a transport error', async () => {
    const transport = new FaultyTransport()
      .on('account/login/start')
      .answerAnything({ type: 'chatgpt', loginId: 7 });
    const codex = client({ transport });

    const error = await failure(codex.account.loginWithChatGpt());

    expect(error).to.be.instanceOf(TransportError).and.to.include({ code: 'malformed-message' });
  });
});
