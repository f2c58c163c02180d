import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AuthenticationError, RequestError, type Codex } from '../../lib/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { McpSite } from './mcp-site.js';

const program = resolve('.build/spec/approvals/mcp-server.js');
const bank = { command: process.execPath, args: [program] };

describe('The MCP servers of a client', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let site: McpSite;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    site = await McpSite.start();
  });

  beforeEach(() => {
    codex = offline.client({
      config: {
        mcp_oauth_credentials_store: 'file',
        mcp_servers: { shop: { url: site.url }, broken: { command: '/nonexistent' } },
      },
    });
  });

  afterEach(async () => {
    await codex.close();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await site.close();
    await noProcessLeft();
  });

  it('are listed with their states, tools and logins, including those of a thread', async () => {
    const thread = codex.startThread({ config: { mcp_servers: { bank } } });
    const threadId = await thread.open();

    const ofClient = await codex.mcpServers();
    const ofThread = await codex.mcpServers({ threadId });
    const [one, ...others] = await codex.mcpServers({ threadId, name: 'bank' });

    expect(ofClient.map(({ name, status }) => [name, status])).to.deep.equal([
      ['broken', null],
      ['shop', null],
    ]);
    expect(ofClient[0]?.error).to.contain('No such file');
    expect(ofClient[1]).to.include({ auth: 'notLoggedIn', origin: new URL(site.url).origin });
    expect(ofThread.map(({ name }) => name)).to.deep.equal(['bank', 'broken', 'shop']);
    // codex-rs may report the tools of a server that is still starting.
    const reached = { bank: 'connected', broken: 'failed', shop: 'authenticationRequired' };
    for (const { name, status } of ofThread)
      expect(status).to.be.oneOf([reached[name as keyof typeof reached], 'starting']);
    expect(one?.tools).to.deep.equal([
      { name: 'ask', description: 'asks', inputSchema: { type: 'object', properties: {} } },
      { name: 'pay', description: 'pays', inputSchema: { type: 'object', properties: {} } },
    ]);
    expect(one).to.deep.include({ error: null, info: { name: 'bank', version: '1' } });
    expect(others).to.deep.equal([]);
  });

  it('are refused for a thread that is not loaded', async () => {
    const threadId = '01a20000-0000-7000-8000-0000000000f0';

    expect(await failure(codex.mcpServers({ threadId }))).to.be.instanceOf(RequestError);
  });

  it('reject a login that fails, that is not completed, to an unknown server, or without OAuth', async () => {
    const denied = await codex.loginToMcpServer('shop');
    const late = await codex.loginToMcpServer('shop', { timeoutSecs: 60 });
    await McpSite.visit(denied.url, { error: 'access_denied' });

    const errors = [
      await failure(denied.wait()),
      await failure(late.wait({ timeoutMs: 5 })),
      await failure(codex.loginToMcpServer('nope')),
      await failure(codex.loginToMcpServer('broken')),
    ];

    expect(errors.every((error) => AuthenticationError.is(error))).to.equal(true);
    expect(errors.map((error) => (error as AuthenticationError).code)).to.deep.equal([
      'login-failed',
      'login-timeout',
      'login-failed',
      'login-failed',
    ]);
    expect((errors[2] as Error).message).to.contain('nope');
    expect((await codex.mcpServers({ name: 'shop' }))[0]?.auth).to.equal('notLoggedIn');
  });

  it('accept a login, after which the loaded threads have their tools', async () => {
    const threadId = await codex.startThread().open();
    const login = await codex.loginToMcpServer('shop', { scopes: ['buy'] });
    const waiting = login.wait({ timeoutMs: 10_000 });
    await McpSite.visit(login.url, { code: 'agreed' });
    await waiting;

    const [shop] = await codex.mcpServers({ threadId, name: 'shop' });

    expect(new URL(login.url).searchParams.get('scope')).to.equal('buy');
    expect(shop).to.include({ auth: 'oAuth', error: null });
    expect(shop?.tools.map(({ name }) => name)).to.deep.equal(['buy']);
    await login.wait();
  });

  it('are read again from the configuration', async () => {
    const threadId = await codex.startThread().open();
    const config = join(offline.home.path, 'config.toml');
    const before = await codex.mcpServers({ threadId });
    await writeFile(
      config,
      `[mcp_servers.bank]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(program)}]\n`,
    );

    await codex.reloadMcpServers();
    const after = await codex.mcpServers({ threadId, name: 'bank' });

    expect(before.map(({ name }) => name)).to.not.include('bank');
    expect(after[0]?.tools).to.have.length(2);
  });
});
