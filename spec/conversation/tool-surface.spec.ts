import { expect } from 'chai';
import { resolve } from 'node:path';
import { ValidationError, type Codex, type ThreadOptionsRecord } from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { ChatGptSite } from '../account/chatgpt-site.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const server = [process.execPath, resolve('.build/spec/approvals/mcp-server.js')] as const;
const serverToml = `command=${JSON.stringify(server[0])}\nargs=[${JSON.stringify(server[1])}]\n`;

/** The tools of codex-rs for every model, and models of its three kinds. */
const models = ['gpt-5.5', 'gpt-6-luna', 'nobody-knows-it'];

describe('The tool surface of a thread', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    await offline.home.write(
      'config.toml',
      `[mcp_servers.bank]\n${serverToml}[mcp_servers.shop]\n${serverToml}`,
    );
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Everything about tools in a model request. */
  function tools(): string {
    const body = offline.model.requests.at(-1)?.body;
    const input = body?.input as { type: string }[];
    const added = input.filter(({ type }) => type === 'additional_tools');
    return JSON.stringify([body?.tools, added]);
  }

  async function toolsWith(options: ThreadOptionsRecord): Promise<string> {
    await codex.startThread(options).run('Hi');
    return tools();
  }

  for (const model of models) {
    it(`removes commands and web search from ${model}, which keeps them otherwise`, async () => {
      const all = await toolsWith({ model });
      const few = await toolsWith({ model, toolSurface: { shell: false, webSearch: false } });

      expect(all)
        .to.match(/exec_command/)
        .and.to.match(/web_search|web__run/);
      expect(few).not.to.match(/exec_command\(args|"exec_command"|write_stdin/);
      expect(few).not.to.match(/"web_search"|web__run/);
      expect(offline.model.unexpectedRequests).to.be.empty;
    });
  }

  it('prevents the effect of a call to a removed tool', async () => {
    offline.model.reply(
      ScriptedReply.shellCommand('echo said-by-the-shell'),
      ScriptedReply.functionCall('pay', {}, { namespace: 'mcp__bank' }),
      ScriptedReply.message('Oh'),
    );

    const { items } = await codex
      .startThread({
        model: 'gpt-5.5',
        approvalPolicy: 'never',
        toolSurface: { shell: false, mcpServers: [] },
      })
      .run('Hi');

    expect(items.map(({ type }) => type)).to.deep.equal(['userMessage', 'agentMessage']);
    expect(offline.model.requests.at(-1)?.toolOutputs.map(({ text }) => text)).to.deep.equal([
      'unsupported call: exec_command',
      'unsupported call: mcp__bankpay',
    ]);
  });

  it('offers only the MCP servers it names, from the user, the client and the thread', async () => {
    const model = 'nobody-knows-it';
    const config = { mcp_servers: { till: { command: server[0], args: [server[1]] } } };

    const all = await toolsWith({ model, config });
    const some = await toolsWith({ model, config, toolSurface: { mcpServers: ['shop', 'till'] } });
    const none = await toolsWith({ model, config, toolSurface: { mcpServers: [] } });

    expect(all).to.contain('mcp__bank').and.to.contain('mcp__shop').and.to.contain('mcp__till');
    expect(some).not.to.contain('mcp__bank');
    expect(some).to.contain('mcp__shop').and.to.contain('mcp__till');
    expect(none).not.to.contain('mcp__');
  });

  it('rejects a server that does not exist, and starts no turn', async () => {
    const before = offline.model.requests.length;
    const thread = codex.startThread({ toolSurface: { mcpServers: ['bnak'] } });

    const error = await failure(thread.run('Hi'));

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as Error).message)
      .to.contain('toolSurface.mcpServers')
      .and.to.contain('"bnak"')
      .and.to.contain('"bank"');
    expect(offline.model.requests).to.have.length(before);
    expect(await codex.loadedThreads()).not.to.include(thread.threadId);
  });

  it('applies after a revert, in a fork, on resume, when restored, and in another process', async () => {
    const options = {
      model: 'gpt-5.5',
      toolSurface: { shell: false, webSearch: false, mcpServers: [] },
    };
    const narrow = (): void => {
      expect(offline.model.requests.at(-1)?.toolNames).not.to.include.oneOf([
        'exec_command',
        'web_search',
        'list_mcp_resources',
      ]);
    };
    const client = offline.client();
    const thread = client.startThread(options);
    await thread.run('One');
    const { threadId, turnId } = await thread.run('Two');

    await thread.revert({ before: turnId });
    await thread.run('Three');
    narrow();
    await (await thread.fork()).run('Four');
    narrow();
    const snapshot: unknown = JSON.parse(JSON.stringify(thread));
    await client.close();
    await using elsewhere = offline.client();
    const restored = await elsewhere.restoreThread(snapshot);
    await restored.run('Five');
    narrow();
    await restored.release();
    await using last = offline.client();
    await (await last.resumeThread(threadId, options)).run('Six');
    narrow();
    await (await last.forkThread(threadId, options)).run('Seven');
    narrow();
  });

  it('applies to sub-agents', async () => {
    const subagent = { sees: '' };
    offline.model.reply(
      ScriptedReply.functionCall(
        'spawn_agent',
        { message: 'Do it' },
        { namespace: 'multi_agent_v1' },
      ),
    );
    const seen = offline.model.requests.length;

    const { threadId } = await codex
      .startThread({
        model: 'nobody-knows-it',
        toolSurface: { shell: false, mcpServers: ['bank'] },
      })
      .run('Hi');
    for (let index = seen; subagent.sees === ''; index += 1) {
      const request = await offline.model.request(index);
      if (request.threadId !== threadId) subagent.sees = request.toolNames.join(' ');
    }

    expect(subagent.sees).not.to.contain('exec_command');
    expect(subagent.sees).to.contain('mcp__bank');
    expect(subagent.sees).not.to.contain('mcp__shop');
  });

  it('cannot be changed for a single turn', async () => {
    const thread = codex.startThread({ model: 'gpt-5.5' });

    const error = await failure(thread.run('Hi', { options: { toolSurface: { shell: false } } }));

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as Error).message).to.contain('toolSurface');
  });

  it('names the plugin whose server it cannot exclude, with a remedy', async () => {
    await using plugged = await OfflineCodex.start();
    plugged.model.otherwise(ScriptedReply.message('Yes'));
    const folder = 'plugins/cache/test/demo/local';
    await plugged.home.write('config.toml', '[plugins."demo@test"]\nenabled=true\n');
    await plugged.home.write(
      `${folder}/.codex-plugin/plugin.json`,
      JSON.stringify({ name: 'demo', version: '1.0.0', mcpServers: './.mcp.json' }),
    );
    await plugged.home.write(
      `${folder}/.mcp.json`,
      JSON.stringify({ mcpServers: { till: { command: server[0], args: [server[1]] } } }),
    );
    const client = plugged.client();
    const toolSurface = { mcpServers: [] };

    const error = await failure(client.startThread({ toolSurface }).run('Hi'));
    const config = JSON.parse(
      /disable it with config (.*)$/.exec(String(error))?.[1] ?? '{}',
    ) as object;
    await client.startThread({ toolSurface, config: { ...config } }).run('Hi');

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as Error).message).to.contain('demo@test');
    expect(plugged.model.requests).to.have.length(1);
  });

  it('removes the apps of the account, which are not even requested', async () => {
    await using offlineHere = await OfflineCodex.start();
    await using site = await ChatGptSite.start();
    offlineHere.model.otherwise(ScriptedReply.message('Yes'));
    await offlineHere.home.write('auth.json', site.login());
    const features = { enable_request_compression: false };
    const client = offlineHere.client({ apiKey: undefined, config: { ...site.config, features } });
    const model = 'nobody-knows-it';

    await client.startThread({ model, toolSurface: { apps: false, mcpServers: [] } }).run('Hi');
    const asked = site.requests.filter((request) => request.endsWith('/ps/mcp'));
    await client.startThread({ model, toolSurface: { mcpServers: [] } }).run('Hi');

    const [without, withApps] = offlineHere.model.requests.map(({ toolNames }) => toolNames.join());
    expect(asked).to.be.empty;
    expect(without).not.to.contain('mcp__');
    expect(withApps).to.contain('mcp__codex_apps__calendar');
  });

  describe('that a codex-rs does not support', () => {
    it('is rejected for every setting, and nothing runs', async () => {
      const transport = new FaultyTransport(offline.transport());
      transport
        .on('config/read')
        .answerAnything({ config: {}, origins: {}, layers: null })
        .on('experimentalFeature/list')
        .answerAnything({
          data: [
            { name: 'shell_tool', enabled: true },
            { name: 'apps', enabled: true },
            { name: 'goals', enabled: true },
          ],
          nextCursor: null,
        })
        .on('mcpServerStatus/list')
        .answerAnything({
          data: [
            { name: 'stubborn', runtimeStatus: 'connected', pluginId: null },
            { name: 'codex_apps', runtimeStatus: 'connected', pluginId: null },
            { name: 'off', runtimeStatus: 'disabled', pluginId: null },
          ],
          nextCursor: null,
        });
      const toolSurface = { shell: false, apps: false, mcpServers: [] };
      await using client = offline.client({ transport });

      const error = await failure(client.startThread({ toolSurface }).run('Hi'));

      expect(error).to.be.instanceOf(ValidationError);
      expect((error as ValidationError).problems.map(({ path }) => path)).to.deep.equal([
        'toolSurface.shell',
        'toolSurface.apps',
        'toolSurface.mcpServers',
      ]);
      expect((error as Error).message).to.contain('stubborn');
    });

    it('because the thread is already loaded, is rejected', async () => {
      const first = offline.client();
      const { threadId } = await first.startThread().run('Hi');
      await first.close();
      const transport = new FaultyTransport(offline.transport());
      transport.on('thread/loaded/list').answer({ data: [threadId], nextCursor: null });
      await using client = offline.client({ transport });
      const thread = await client.resumeThread(threadId, { toolSurface: { shell: false } });

      const error = await failure(thread.run('Hi'));

      expect(error).to.be.instanceOf(ValidationError);
      expect((error as Error).message).to.contain('already loaded');
    });
  });
});
