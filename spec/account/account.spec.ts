import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  AuthenticationError,
  CodexError,
  Secret,
  TransportError,
  ValidationError,
} from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('codex.account', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const authFile = (): string => join(offline.home.path, 'auth.json');
  const keysSent = (): (string | undefined)[] =>
    offline.model.requests.map(({ headers }) => headers.authorization);

  describe('read', () => {
    it('returns the account, or reports a missing login', async () => {
      const withKey = offline.client();
      const without = offline.client({ apiKey: undefined });

      expect(await withKey.account.read()).to.deep.equal({
        type: 'apiKey',
        email: null,
        planType: null,
        workspaceName: null,
        userId: null,
        requiresLogin: true,
      });
      expect(await without.account.read({ refreshToken: true })).to.include({
        type: null,
        requiresLogin: true,
      });
    });
  });

  describe('loginWithApiKey', () => {
    it('keeps the key in this client only, also after a crash of codex-rs', async () => {
      const codex = offline.client({ apiKey: undefined });
      const thread = codex.startThread();
      const refused = await failure(thread.run('Hi'));

      await codex.account.loginWithApiKey(new Secret('first-key-123456'));
      await thread.run('Hi');
      await crash(codex);
      await thread.run('Hi again');

      expect(refused).to.be.instanceOf(AuthenticationError);
      expect((refused as Error).message)
        .to.contain('codex.account')
        .and.to.contain('codex login');
      expect(keysSent()).to.deep.equal(['Bearer first-key-123456', 'Bearer first-key-123456']);
      expect(existsSync(authFile())).to.equal(false);
      expect(inspect(codex, { depth: 9 })).not.to.contain('first-key');
    });

    it('replaces the key of a running client, whose threads continue with it', async () => {
      const codex = offline.client();
      const thread = codex.startThread();
      await thread.run('One');
      const { processId } = await codex.serverInfo();

      await codex.account.loginWithApiKey('second-key-123456');
      await thread.run('Two');

      expect((await codex.serverInfo()).processId).to.equal(processId);
      await crash(codex);
      await thread.run('Three');
      expect(keysSent()).to.deep.equal([
        'Bearer spec-key-1234567890',
        'Bearer second-key-123456',
        'Bearer second-key-123456',
      ]);
    });

    it('leaves the key to codex-rs on request, which stores it for other clients', async () => {
      const codex = offline.client();

      await codex.account.loginWithApiKey('third-key-123456', { store: 'home' });
      await codex.startThread().run('Hi');
      await codex.close();
      const other = offline.client({ apiKey: undefined });
      await other.startThread().run('Hi');

      expect(readFileSync(authFile(), 'utf8')).to.contain('third-key-123456');
      expect(keysSent()).to.deep.equal(['Bearer third-key-123456', 'Bearer third-key-123456']);
    });

    it('does not change the login in the home', async () => {
      const login = JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'home-key-123456' });
      await offline.home.write('auth.json', login);
      const codex = offline.client({ apiKey: undefined });
      await codex.startThread().run('Hi');

      await codex.account.loginWithApiKey('fourth-key-123456');
      await codex.startThread().run('Hi');

      expect(readFileSync(authFile(), 'utf8')).to.equal(login);
      expect(keysSent()).to.deep.equal(['Bearer home-key-123456', 'Bearer fourth-key-123456']);
    });

    it('rejects an invalid key, and hides it', async () => {
      const codex = offline.client();

      const blank = await failure(codex.account.loginWithApiKey('my secret key'));
      const wrongStore = { store: 'disk' as 'home' };

      expect(blank).to.be.instanceOf(ValidationError);
      expect((blank as Error).message).not.to.contain('secret');
      expect(await failure(codex.account.loginWithApiKey(''))).to.be.instanceOf(ValidationError);
      expect(
        await failure(codex.account.loginWithApiKey('key-123456', wrongStore)),
      ).to.be.instanceOf(ValidationError);
    });

    it('rejects a login that codex-rs refuses, and keeps the previous one', async () => {
      const codex = offline.client({
        config: { forced_login_method: 'chatgpt' },
        apiKey: undefined,
      });
      await codex.warmUp();

      const refused = await failure(codex.account.loginWithApiKey('fifth-key-123456'));

      expect(refused).to.be.instanceOf(AuthenticationError);
      expect((refused as Error).message).to.contain('API key login is disabled');
      expect(await codex.account.read()).to.include({ type: null });
    });

    it('does not end a turn: a login that requires a restart of codex-rs is refused meanwhile', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.gate(gate).message('Late'));
      const codex = offline.client();
      const turn = codex.startThread().run('Hi');
      await gate.reached;

      const busy = await failure(
        codex.account.loginWithApiKey('sixth-key-12345', { store: 'home' }),
      );
      gate.open();

      expect(busy)
        .to.be.instanceOf(CodexError)
        .and.to.include({ code: 'account-busy', retryable: true });
      expect((await turn).finalResponse).to.equal('Late');
      await codex.startThread().run('Hi');
      expect(keysSent().at(-1)).to.equal('Bearer spec-key-1234567890');
    });
  });

  describe('of turns', () => {
    const login = JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'home-key-123456' });

    it('is read once per process, not by every turn, nor by concurrent turns', async () => {
      await offline.home.write('auth.json', login);
      const transport = new FaultyTransport();
      const codex = offline.client({ transport, apiKey: undefined });
      const thread = codex.startThread();
      const asked = (): number => transport.requests('account/read').length;

      await Promise.all([thread.run('One'), codex.startThread().run('One as well')]);
      await thread.run('Two');
      await codex.startThread().run('Three');
      const before = asked();
      await crash(codex);
      await thread.run('Four');

      expect([before, asked()]).to.deep.equal([1, 2]);
    });

    it('is read again if codex-rs could not answer, and if a request may have changed it', async () => {
      await offline.home.write('auth.json', login);
      const transport = new FaultyTransport()
        .on('account/read', { nth: 1 })
        .reject(-32600, 'workspace routing discovery failed');
      const codex = offline.client({ transport, apiKey: undefined });
      const thread = codex.startThread();
      const asked: number[] = [];
      const run = async (): Promise<void> => {
        await thread.run('Hi');
        asked.push(transport.requests('account/read').length);
      };

      await run();
      await run();
      await run();
      await failure(codex.request('config/value/write', {} as never));
      await run();
      await failure(codex.request('modelProvider/default/set', { providerId: 'nowhere' }));
      await run();

      expect(asked).to.deep.equal([1, 2, 2, 3, 4]);
    });

    it('is missing right after a raw request has logged out', async () => {
      const codex = offline.client({ apiKey: undefined });
      await codex.account.loginWithApiKey('home-key-123456', { store: 'home' });
      const thread = codex.startThread();
      await thread.run('Hi');

      await codex.request('account/logout');

      expect(await failure(thread.run('Hi'))).to.be.instanceOf(AuthenticationError);
      expect(keysSent()).to.deep.equal(['Bearer home-key-123456']);
    });
  });

  describe('logout', () => {
    it('forgets the key of the client, also after a crash, and does not use another one', async () => {
      const env = { ...offline.environment, OPENAI_API_KEY: 'general-key-123456' };
      await offline.home.write(
        'auth.json',
        JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'home-key-123456' }),
      );
      const codex = offline.client({ env });
      await codex.warmUp();

      await codex.account.logout();
      const first = await failure(codex.startThread().run('Hi'));
      await crash(codex);
      const second = await failure(codex.startThread().run('Hi'));

      expect(first).to.be.instanceOf(AuthenticationError);
      expect(second).to.be.instanceOf(AuthenticationError);
      expect(offline.model.requests).to.be.empty;
      expect(existsSync(authFile())).to.equal(true);
      await codex.account.loginWithApiKey('new-key-123456');
      await codex.startThread().run('Hi');
      expect(keysSent()).to.deep.equal(['Bearer new-key-123456']);
    });

    it('removes the login in the home, and does not fall back on a key in the environment', async () => {
      const env = { ...offline.environment, OPENAI_API_KEY: 'general-key-123456' };
      await offline.home.write(
        'auth.json',
        JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'home-key-123456' }),
      );
      const codex = offline.client({ apiKey: undefined, env });
      await codex.startThread().run('Hi');

      await codex.account.logout();
      await crash(codex);

      expect(await failure(codex.startThread().run('Hi'))).to.be.instanceOf(AuthenticationError);
      expect(existsSync(authFile())).to.equal(false);
      expect(keysSent()).to.deep.equal(['Bearer home-key-123456']);
    });
  });

  it('rejects after the client is closed', async () => {
    const codex = offline.client();
    await codex.close();

    expect(await failure(codex.account.read())).to.be.instanceOf(TransportError);
    expect(await failure(codex.account.logout())).to.be.instanceOf(TransportError);
  });
});
