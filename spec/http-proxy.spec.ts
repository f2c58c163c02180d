import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { Agent, request, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TransportError } from '../lib/index.js';
import { TurnFailedError, type CodexOptionsRecord } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { failure } from './outcomes.js';
import { HttpProxy } from './http-proxy.js';
import { OfflineCodex } from './offline-codex.js';
import { ListeningCodex } from './remote/listening-codex.js';
import { noProcessLeft } from './root-hooks.js';

const host = 'models.corp.example';

/** An agent that opens its connections through a proxy, like those of npm. */
class TunnelAgent extends Agent {
  readonly #proxy: string;

  constructor(proxy: string) {
    super();
    this.#proxy = proxy;
  }

  override createConnection(
    { host: target, port }: ClientRequestArgs,
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    request(this.#proxy, { method: 'CONNECT', path: `${target ?? ''}:${port ?? ''}` })
      .on('connect', (_response, socket) => {
        done(null, socket);
      })
      .end();
  }
}

describe('Behind an HTTP proxy', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let proxy: HttpProxy;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    proxy = await HttpProxy.to(modelPort());
  });

  afterEach(async () => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY']) Reflect.deleteProperty(process.env, name);
    await offline[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function modelPort(): number {
    return Number(new URL(offline.model.baseUrl).port);
  }

  /** A client whose provider has a name that only the proxy can resolve. */
  function behind(
    variables: Readonly<Record<string, string>>,
    options: CodexOptionsRecord = {},
  ): ReturnType<OfflineCodex['client']> {
    return offline.client({
      env: { ...offline.environment, ...variables },
      baseUrl: `http://${host}/v1`,
      ...options,
    });
  }

  /** A provider without retries and without WebSockets. */
  function ownProvider(): CodexOptionsRecord {
    const own = { name: 'own', base_url: `http://${host}/v1`, wire_api: 'responses' };
    const impatient = { request_max_retries: 0, stream_max_retries: 0 };
    return {
      baseUrl: undefined,
      modelProvider: 'own',
      config: { model_providers: { own: { ...own, ...impatient } } },
    };
  }

  for (const options of [
    {},
    { environment: { inherit: 'core' } },
    { isolation: 'private', codexHome: undefined },
  ] as const)
    it(`codex-rs uses the proxy of the host: ${JSON.stringify(options)}`, async () => {
      Object.assign(process.env, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
      const codex = behind({}, { ...options, env: undefined });

      const { finalResponse } = await codex.startThread().run('Hi');

      expect(finalResponse).to.equal('Yes');
      expect(proxy.hosts).to.include(host);
    });

  it('codex-rs sends the credentials in the URL of the proxy', async () => {
    await using guarded = await HttpProxy.to(modelPort(), 'corp\\me:p@ss');
    const url = guarded.url.replace('//', '//corp%5Cme:p%40ss@');

    const { finalResponse } = await behind({ HTTP_PROXY: url }).startThread().run('Hi');

    expect(finalResponse).to.equal('Yes');
  });

  it('a turn fails with the status 407 if the proxy rejects the credentials', async () => {
    await using guarded = await HttpProxy.to(modelPort(), 'me:needed');
    const codex = behind({ HTTP_PROXY: guarded.url }, ownProvider());

    const error = (await failure(codex.startThread().run('Hi'))) as TurnFailedError;

    expect(error).to.be.instanceOf(TurnFailedError);
    expect(error.message).to.contain('407 Proxy Authentication Required');
  });

  it('codex-rs connects directly to the hosts and domains of NO_PROXY', async () => {
    for (const domain of [host, 'corp.example', '.corp.example', '*']) {
      const codex = behind({ HTTP_PROXY: proxy.url, NO_PROXY: domain }, ownProvider());

      const error = (await failure(codex.startThread().run('Hi'))) as TurnFailedError;

      expect(error.reason, domain).to.equal('connection-failed');
    }
    expect(proxy.hosts).to.deep.equal([]);
  });

  it('codex-rs asks GitHub and ChatGPT for plugins, unless these are off', async () => {
    const variables = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    const codex = behind(variables, { config: { features: { plugins: false } } });
    await codex.startThread().run('Hi');
    await codex.close();

    expect(proxy.hosts).to.deep.equal([host]);

    const usual = behind(variables, { config: { features: { plugins: true } } });
    await usual.startThread().run('Hi');

    await proxy.asked('github.com', 'api.github.com', 'chatgpt.com');
    expect(proxy.hosts).to.have.members([host, 'github.com', 'api.github.com', 'chatgpt.com']);
  });

  it('commands see the variables of the proxy, unless the policy of the shell excludes them', async () => {
    const variables = { HTTP_PROXY: proxy.url };
    const policy = { shell_environment_policy: { exclude: ['*_PROXY'] } };
    const outputs: unknown[] = [];
    for (const config of [{}, policy]) {
      offline.model.reply(ScriptedReply.shellCommand('echo "<$HTTP_PROXY>"'));
      const { items } = await behind(variables, { config }).startThread().run('Hi');
      for (const item of items)
        if (item.type === 'commandExecution') outputs.push(item.aggregatedOutput?.trim());
    }

    expect(outputs).to.deep.equal([`<${proxy.url}>`, '<>']);
  });

  it('an MCP server that codex-rs starts gets only the variables that its entry names', async () => {
    const list = `${offline.home.path}/names`;
    const script = `require('fs').writeFileSync(process.argv[1], Object.keys(process.env).join())`;
    const server = { command: process.execPath, args: ['-e', script, list] };
    const names: string[] = [];
    for (const env_vars of [[], ['HTTP_PROXY']]) {
      const config = { mcp_servers: { shop: { ...server, env_vars } } };
      await behind({ HTTP_PROXY: proxy.url }, { config }).startThread().run('Hi');
      names.push(readFileSync(list, 'utf8'));
    }

    expect(names[0]).not.to.contain('PROXY');
    expect(names[1]).to.contain('HTTP_PROXY');
  });

  it('a WebSocketTransport uses its agent, and not the environment', async () => {
    await using server = await ListeningCodex.start();
    server.model.otherwise(ScriptedReply.message('Yes'));
    await using tunnel = await HttpProxy.to(server.port);
    Object.assign(process.env, { HTTP_PROXY: tunnel.url, HTTPS_PROXY: tunnel.url });
    const remote = { url: 'ws://codex.corp.example', allowInsecure: true, reconnectMs: 0 };
    const plain = server.client({ transport: server.transport(remote) });
    const agent = new TunnelAgent(tunnel.url);
    const tunnelled = server.client({ transport: server.transport({ ...remote, agent }) });

    const error = (await failure(plain.startThread().run('Hi'))) as TransportError;
    const { finalResponse } = await tunnelled.startThread().run('Hi');

    expect(error.code).to.equal('connect-failed');
    expect(finalResponse).to.equal('Yes');
    expect(tunnel.hosts).to.deep.equal(['codex.corp.example']);
  });
});
