import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Codex, CodexOptionsRecord, Thread, ThreadOptionsRecord } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { eventually } from '../wire/eventually.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { filesIn } from './hostile-user.js';

// Neither has the form of a key.
const key = 'canary-of-the-provider-4711';
const header = 'canary-of-the-header-4711';

describe('A variable from which a provider reads its key', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const mine = (): Record<string, string | boolean> => ({
    name: 'Mine',
    base_url: offline.model.baseUrl,
    wire_api: 'responses',
    env_key: 'GATEWAY_KEY',
    supports_websockets: false,
  });

  function client({ env, ...options }: CodexOptionsRecord): Codex {
    const { PATH, HOME } = offline.environment;
    return offline.client({
      apiKey: undefined,
      baseUrl: undefined,
      // A key from a file ends with a line break.
      env: { PATH, HOME, GATEWAY_KEY: `${key}\n`, OWN: '1', ...env },
      ...options,
    });
  }

  /** The variables of a command, by name; of two commands, because the second one has a shell snapshot. */
  async function seenIn(thread: Thread): Promise<Record<string, string>> {
    offline.model.reply(
      ScriptedReply.shellCommand('env'),
      ScriptedReply.shellCommand('env'),
      ScriptedReply.message('Done'),
    );
    await thread.run('Show the environment');
    const { toolOutputs, headers } = offline.model.requests.at(-1) ?? {};
    const text = toolOutputs?.map((output) => output.text).join('\n') ?? '';
    expect(headers?.authorization).to.equal(`Bearer ${key}`);
    expect(text).to.contain('PATH=').and.not.to.contain('canary');
    return Object.fromEntries(
      text.split('\n').flatMap((line) => {
        const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
        return /^(?:GATEWAY_|OWN$|SET_)/.test(name) ? [[name, value]] : [];
      }),
    );
  }

  const full: ThreadOptionsRecord = { sandboxMode: 'danger-full-access' };

  it('is hidden from commands and MCP servers, files and errors; the policy of the user stays', async () => {
    const spied = join(offline.home.path, 'spied');
    await offline.home.write(
      'config.toml',
      `[shell_environment_policy]\nset={ SET_BY_USER="1" }\ninclude_only=["PATH", "GATEWAY_*", "SET_*"]\n` +
        `[mcp_servers.spy]\ncommand="/bin/sh"\nargs=["-c", "env >${spied}"]\n`,
    );
    const provider = { ...mine(), env_http_headers: { 'x-mine': 'GATEWAY_HEADER' } };
    const codex = client({
      env: { GATEWAY_HEADER: header },
      config: { model_provider: 'mine', model_providers: { mine: provider } },
    });
    const thread = codex.startThread(full);

    expect(await seenIn(thread)).to.deep.equal({
      GATEWAY_KEY: '',
      GATEWAY_HEADER: '',
      SET_BY_USER: '1',
    });

    expect(offline.model.requests.at(-1)?.headers['x-mine']).to.equal(header);
    await eventually(() => existsSync(spied) && readFileSync(spied, 'utf8').includes('PATH='));
    expect(readFileSync(spied, 'utf8')).not.to.contain('canary');
    for (const file of filesIn(offline.home.path))
      expect(readFileSync(file, 'latin1'), file).not.to.contain('canary');
    offline.model.reply(ScriptedReply.status(400, { error: { message: `Wrong key: ${key}` } }));
    expect(String(await failure(thread.run('Hi')))).to.contain('Wrong key: [redacted]');
  });

  it('is also hidden if raw lines name it, and if one of them replaces the policy', async () => {
    const provider = Object.entries(mine()).map(
      ([name, value]) => `${name}=${JSON.stringify(value)}`,
    );
    const codex = client({
      configOverrides: [
        'model_provider="mine"',
        `model_providers.mine={${provider.join(',')}}`,
        'shell_environment_policy={inherit="all",set={SET_BY_LINE="1"}}',
      ],
    });

    const seen = await seenIn(codex.startThread({ ...full }));

    expect(seen).to.deep.equal({ SET_BY_LINE: '1', OWN: '1', GATEWAY_KEY: '' });
  });

  it('is also hidden if a thread names it, or sets all variables of the commands', async () => {
    const other = { ...mine(), env_key: 'GATEWAY_HEADER' };
    const codex = client({
      env: { GATEWAY_HEADER: header },
      config: { model_provider: 'mine', model_providers: { mine: mine(), other } },
    });
    const sets = { 'shell_environment_policy.set': { 'SET.BY.THREAD': '1', SET_BY_THREAD: '1' } };

    const thread = codex.startThread({ ...full, config: sets });

    const hidden = { SET_BY_THREAD: '1', GATEWAY_KEY: '', GATEWAY_HEADER: '' };
    expect(await seenIn(thread)).to.include(hidden);
    expect(await seenIn(await thread.fork())).to.include(hidden);
    const named = codex.startThread({
      ...full,
      modelProvider: 'late',
      config: { model_providers: { late: { ...mine(), env_http_headers: { 'x-late': 'OWN' } } } },
    });
    expect(await seenIn(named)).to.include({ OWN: '', GATEWAY_KEY: '' });
  });
});
