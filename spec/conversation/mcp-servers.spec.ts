import { expect } from 'chai';
import { join, resolve } from 'node:path';
import { CodexOptions, telemetry, ThreadOptions, type TurnEvent } from '../../lib/index.js';
import type { TelemetryMessages, ThreadOptionsRecord, Turn } from '../../lib/index.js';
import { ExplicitAdditions } from '../../lib/isolation/explicit-additions.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

const program = resolve('.build/spec/approvals/mcp-server.js');

/** The options of a thread with an MCP server called `bank`, which answers once the file exists. */
function withBank(gate?: string): ThreadOptionsRecord {
  const args = gate === undefined ? [program] : [program, gate];
  return { config: { mcp_servers: { bank: { command: process.execPath, args } } } };
}

function statesIn(events: readonly TurnEvent[], name: string): string[] {
  return events.flatMap((event) =>
    event.type === 'mcp.updated' && event.server === name ? [event.status] : [],
  );
}

describe('The notices of codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let states: TelemetryMessages['mcpServer'][];
  let warnings: TelemetryMessages['warning'][];
  let forget: (() => void)[];

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  beforeEach(() => {
    states = [];
    warnings = [];
    forget = [
      telemetry.mcpServer.subscribe((message) => states.push(message)),
      telemetry.warning.subscribe((message) => warnings.push(message)),
    ];
  });

  afterEach(() => {
    for (const each of forget) each();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function offersBank(): boolean {
    return JSON.stringify(offline.model.requests.at(-1)?.body).includes('mcp__bank');
  }

  async function stateOf(
    status: TelemetryMessages['mcpServer']['status'],
  ): Promise<TelemetryMessages['mcpServer']> {
    return new Promise((tell) => {
      forget.push(
        telemetry.mcpServer.subscribe((message) => {
          if (message.status === status) tell(message);
        }),
      );
    });
  }

  describe('of an MCP server', () => {
    it('that the options define: the first turn waits until it is ready', async () => {
      const gate = join(offline.home.path, 'open');
      const thread = offline.client().startThread(withBank(gate));
      const starting = stateOf('starting');
      const asked = offline.model.requests.length;
      const events = collected(thread.runStreamed('Hi'));

      await starting;
      expect(offline.model.requests).to.have.length(asked);
      await offline.home.write('open', '');

      expect(statesIn(await events, 'bank')).to.deep.equal(['ready']);
      expect(offersBank()).to.equal(true);
      expect(states.map(({ server, status }) => `${server} ${status}`)).to.deep.equal([
        'bank starting',
        'bank ready',
      ]);
      expect(states[0]).to.include({ threadId: thread.threadId, error: null });
    });

    it('of the same name in an environment: it is a different one, and the first turn keeps waiting', async () => {
      const gate = join(offline.home.path, 'later');
      const transport = new FaultyTransport(offline.transport())
        .onMessage('mcpServer/startupStatus/updated', { nth: 1, when: 'after' })
        .notify('mcpServer/startupStatus/updated', (params) => ({
          ...params,
          environmentId: 'remote',
          status: 'failed',
        }));
      const codex = offline.client({ transport });
      const failed = stateOf('failed');
      const events = collected(codex.startThread(withBank(gate)).runStreamed('Hi'));

      await failed;
      await codex.request('thread/loaded/list', {});
      expect(transport.requests('turn/start')).to.deep.equal([]);
      await offline.home.write('later', '');

      expect(statesIn(await events, 'bank')).to.include('ready');
      expect(offersBank()).to.equal(true);
    });

    it('that is ready: a second turn sends one request', async () => {
      const thread = offline.client().startThread(withBank());
      await thread.run('Hi');
      const methods: string[] = [];
      forget.push(telemetry.request.subscribe(({ method }) => methods.push(method)));

      await thread.run('Hi again');

      expect(methods).to.deep.equal(['turn/start']);
    });

    it('that is late: the turn continues without it, with a warning', async () => {
      const codex = offline.client({ mcpStartupTimeoutMs: 300 });
      const thread = codex.startThread(withBank(join(offline.home.path, 'never')));

      const events = await collected(thread.runStreamed('Hi'));

      expect(statesIn(events, 'bank')).to.include('late').and.not.to.include('ready');
      expect(offersBank()).to.equal(false);
      expect(states.at(-1)).to.deep.equal({
        threadId: thread.threadId,
        server: 'bank',
        status: 'late',
        error: null,
      });
    });

    it('that fails: the turn continues at once, with the reason', async () => {
      const bank = { command: '/no/such/program' };
      const thread = offline.client().startThread({ config: { mcp_servers: { bank } } });
      const startedAt = performance.now();

      const events = await collected(thread.runStreamed('Hi'));

      const event = events.find(({ type }) => type === 'mcp.updated');
      expect(event).to.include({ server: 'bank', status: 'failed' });
      expect(event).to.have.property('error').that.contains('No such file');
      expect(states.at(-1)).to.include({ server: 'bank', status: 'failed' });
      expect(performance.now() - startedAt).to.be.below(8000);
    });

    it("of the user's own configuration: the turn does not wait for it", async () => {
      const never = join(offline.home.path, 'never');
      const args = JSON.stringify([program, never]);
      await offline.home.write(
        'config.toml',
        `[mcp_servers.own]\ncommand=${JSON.stringify(process.execPath)}\nargs=${args}\n`,
      );
      const startedAt = performance.now();

      const events = await collected(offline.client().startThread().runStreamed('Hi'));
      await offline.home.write('config.toml', '');

      // The turn may end before codex-rs reports the start of the server.
      expect(statesIn(events, 'own').filter((state) => state !== 'starting')).to.deep.equal([]);
      expect(performance.now() - startedAt).to.be.below(8000);
    });

    it('that never starts: waiting ends with the turn, and with its time limit', async () => {
      const transport = new FaultyTransport(offline.transport());
      const codex = offline.client({ transport });
      const never = withBank(join(offline.home.path, 'never'));
      const stop = new AbortController();
      const startedAt = performance.now();

      const late = await failure(
        codex.startThread(never).run('Hi', { timeouts: { totalMs: 600 } }),
      );
      const again = codex.startThread(never);
      const turn: Turn = again.runStreamed('Hi');
      const aborted = failure(again.run('Hi', { signal: stop.signal }));
      const stopped = failure(turn.result());
      await transport.whenReceived('thread/start', 2);
      await turn.interrupt();
      stop.abort(new Error('enough'));

      expect(late).to.include({ code: 'turn-timeout', budget: 'totalMs' });
      expect(await stopped).to.include({ code: 'turn-interrupted' });
      expect(await aborted).to.include({ message: 'enough' });
      expect(transport.requests('turn/start')).to.have.length(0);
      expect(performance.now() - startedAt).to.be.below(8000);
    });
  });

  describe('as a warning', () => {
    it('of a thread is an event of its turn', async () => {
      const thread = offline.client().startThread({ model: 'nobody-knows-it' });

      const events = await collected(thread.runStreamed('Hi'));

      const { threadId } = thread;
      const warning = warnings.find((each) => each.threadId === threadId);
      expect(warning).to.deep.include({ method: 'warning', details: null, path: null });
      expect(warning?.message).to.contain('nobody-knows-it');
      expect(events.slice(0, 3).map(({ type }) => type)).to.deep.equal([
        'thread.started',
        'turn.started',
        'warning',
      ]);
      expect(events[2]).to.deep.equal({ type: 'warning', message: warning?.message });
    });

    it('without a thread is on its channel only', async () => {
      await offline.home.write('config.toml', 'model = 5\n');

      await failure(offline.client().startThread().run('Hi'));
      await offline.home.write('config.toml', '');

      const warning = warnings.find(({ path }) => path !== null);
      expect(warning).to.include({
        threadId: null,
        method: 'configWarning',
        path: join(offline.home.path, 'config.toml'),
      });
      expect(warning?.details).to.contain('expected a string');
    });
  });
});

describe('ExplicitAdditions', () => {
  function servers(client: object, thread: ThreadOptionsRecord['config'] = {}): readonly string[] {
    const options = CodexOptions.from(client, {});
    return new ExplicitAdditions(options, ThreadOptions.from({ config: thread })).mcpServers;
  }

  it('have the MCP servers that the client and the thread define', () => {
    const config = { mcp_servers: { a: { command: 'a' }, 'b.b': { url: 'http://b' } } };
    const configOverrides = ['mcp_servers.c.command="c"', 'mcp_servers.d={ command = "d" }'];

    expect(servers({ config, configOverrides }, { 'mcp_servers.e.command': 'e' })).to.deep.equal([
      'a',
      'b.b',
      'c',
      'd',
      'e',
    ]);
  });

  it('leave out the MCP servers that they only adjust or turn off', () => {
    const config = {
      mcp_servers: { a: { command: 'a' }, b: { enabled: true }, d: { command: 'd' } },
    };
    const configOverrides = [
      'mcp_servers.c={command="c",enabled=false}',
      'mcp_servers.d.enabled=false',
    ];

    expect(
      servers({ config, configOverrides }, { mcp_servers: { a: { enabled: false } } }),
    ).to.deep.equal([]);
  });
});
