import { expect } from 'chai';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AuthenticationError, type Codex, type CodexOptionsRecord } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { ChatGptSite } from '../account/chatgpt-site.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { HostileUser } from './hostile-user.js';

describe('The account of a private client', function () {
  this.timeout(20_000);
  let user: HostileUser;

  beforeEach(async () => {
    user = await HostileUser.create();
    user.model.otherwise(ScriptedReply.message('Yes'));
  });

  afterEach(async () => {
    await user[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function isolated(options: CodexOptionsRecord = {}): Codex {
    return user.client({ isolation: 'private', apiKey: undefined, ...options });
  }

  it("is not the user's login, which a client in user mode has", async () => {
    const login = { OPENAI_API_KEY: 'login-of-the-user-123456', auth_mode: 'apikey' };
    await user.write('home/.codex/auth.json', JSON.stringify(login));

    const used = await user.client({ apiKey: undefined }).account.read();
    const codex = isolated();
    const seen = await codex.account.read();
    const error = await failure(codex.startThread().run('Hi'));

    expect(used.type).to.equal('apiKey');
    expect(seen.type).to.equal(null);
    expect(AuthenticationError.is(error)).to.equal(true);
    expect(user.model.requests).to.be.empty;
  });

  it('is not written to disk if it is a key', async () => {
    const codex = isolated();

    await codex.account.loginWithApiKey('key-of-the-client-123456');
    await codex.startThread().run('Hi');

    const [home = ''] = user.privateHomes;
    expect(existsSync(join(home, 'auth.json'))).to.equal(false);
    expect(user.model.requests[0]?.headers.authorization).to.equal(
      'Bearer key-of-the-client-123456',
    );
  });

  it('is stored in the private home if it is a ChatGPT login, and removed with it', async () => {
    await using site = await ChatGptSite.start();
    const env = { ...process.env, ...site.environment };
    const codex = isolated({ env, config: site.config });
    const login = await codex.account.loginWithChatGpt();
    const done = login.wait({ timeoutMs: 15_000 });

    await site.visit(login.url, 'agrees');
    await done;

    const [home = ''] = user.privateHomes;
    const file = join(home, 'auth.json');
    expect(readFileSync(file, 'utf8')).to.contain('tokens');
    expect(statSync(file).mode & 0o077).to.equal(0);
    expect(existsSync(join(user.home, '.codex', 'auth.json'))).to.equal(false);
    await codex.close();
    expect(user.privateHomes).to.be.empty;
  });
});
