import { expect } from 'chai';
import { IsolationViolationError, type Codex } from '../../lib/index.js';
import { FaultyTransport, ScriptedReply, type FaultOccurrence } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const layers = [
  { name: { type: 'sessionFlags' }, version: '1', config: { model: 'gpt-5.5' } },
  { name: { type: 'project', dotCodexFolder: '/repo/.codex' }, version: '1', config: { a: 1 } },
  { name: { type: 'system', file: '/etc/codex/config.toml' }, version: '1', config: { b: 1 } },
];

function server(name: string, runtimeStatus = 'connected'): object {
  return { name, runtimeStatus, pluginId: null };
}

function hook(changes: object): object {
  const usual = { eventName: 'sessionStart', sourcePath: '/hooks.json', enabled: true };
  return { ...usual, isManaged: false, source: 'user', ...changes };
}

describe('The report of codex-rs about a private thread', function () {
  this.timeout(15_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  beforeEach(() => {
    transport = new FaultyTransport();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Replaces the report of codex-rs, always or at that occurrence. */
  function reports(
    { servers = [], hooks, policy = null, settings = {} }: Report = {},
    occurrence: FaultOccurrence = {},
  ): void {
    const file = '/home/config.toml';
    const user = { name: { type: 'user', file }, version: '1', config: settings };
    const answer = (
      method: 'config/read' | 'skills/list' | 'mcpServerStatus/list' | 'hooks/list',
      result: object,
    ): unknown => transport.on(method, occurrence).answer(result as never);
    const config = { approval_policy: policy };
    answer('config/read', { config, origins: {}, layers: [...layers, user] });
    answer('skills/list', { data: [] });
    answer('mcpServerStatus/list', { data: servers, nextCursor: null });
    if (hooks === undefined)
      transport.on('hooks/list', occurrence).reject(-32600, 'unknown variant `hooks/list`');
    else answer('hooks/list', { data: [{ cwd: '/repo', hooks, warnings: [], errors: [] }] });
  }

  function client(config: Record<string, unknown> = {}): Codex {
    return offline.client({ transport, isolation: 'private', config });
  }

  async function violationsOf(work: Promise<unknown>): Promise<readonly string[]> {
    const error = await failure(work);
    expect(IsolationViolationError.is(error), String(error)).to.equal(true);
    return (error as IsolationViolationError).violations.map(
      ({ kind, what }) => `${kind}: ${what}`,
    );
  }

  it('is compared with the options, and may contain additions, disabled items and managed items', async () => {
    reports({
      servers: [server('bank'), server('dots'), server('off', 'disabled')],
      hooks: [
        hook({ source: 'sessionFlags' }),
        hook({ source: 'mdm', isManaged: true }),
        hook({ enabled: false }),
      ],
      settings: { notice: { seen: true }, mcp_servers: { bank: { tools: { pay: { a: 1 } } } } },
    });
    const codex = client({
      mcp_servers: { bank: { command: 'bank' } },
      'mcp_servers.dots.command': 'x',
    });

    const { status } = await codex.startThread().run('Hi');

    expect(status).to.equal('completed');
  });

  it('does not include hooks if codex-rs is too old for the request', async () => {
    transport
      .on('initialize')
      .editReply((info) => ({ ...info, userAgent: 'spec/0.163.0 (Linux)' }));
    reports();

    const { status } = await client().startThread().run('Hi');

    expect(status).to.equal('completed');
    expect(transport.requests('hooks/list')).to.have.length(1);
  });

  it('lists all violations, and the thread is unloaded before a turn is sent', async () => {
    reports({
      servers: [server('planted'), server('codex_apps')],
      hooks: [hook({ source: 'project' }), hook({ source: 'system' })],
    });
    const codex = client();

    const violations = await violationsOf(codex.startThread().run('Hi'));

    expect(violations).to.deep.equal([
      'mcp-server: The MCP server "planted" is enabled',
      'mcp-server: The MCP server "codex_apps" is enabled',
      'hook: A hook for sessionStart (project) is enabled, from /hooks.json',
      'hook: A hook for sessionStart (system) is enabled, from /hooks.json',
    ]);
    expect(transport.requests('thread/unsubscribe')).to.have.length(1);
    expect(transport.requests('turn/start')).to.be.empty;
  });

  it('is requested again when a thread is resumed and forked', async () => {
    const planted = { servers: [server('planted')] };
    reports({}, { generation: 1, nth: 1 });
    reports(planted, { generation: 1, nth: 2 });
    reports(planted, { generation: 2 });
    const codex = client();
    const thread = codex.startThread();
    const { threadId } = await thread.run('Hi');

    const fork = await violationsOf(thread.fork());
    await codex.close();
    const resumed = await violationsOf((await client().resumeThread(threadId)).open());

    expect(fork).to.deep.equal(['mcp-server: The MCP server "planted" is enabled']);
    expect(resumed).to.deep.equal(fork);
    expect(transport.requests('turn/start')).to.have.length(1);
  });

  it('is requested when a thread is opened, and not with its turns', async () => {
    reports({ hooks: [] });
    const thread = client().startThread();
    await thread.run('Hi');
    const methods = ['config/read', 'skills/list', 'mcpServerStatus/list', 'hooks/list'] as const;
    const asked = (): number[] => methods.map((method) => transport.requests(method).length);
    const before = asked();

    await thread.run('And now?');

    expect(before).to.deep.equal([1, 1, 1, 1]);
    expect(asked()).to.deep.equal(before);
  });

  it('lists the MCP servers once, also with a tool surface', async () => {
    reports({ servers: [server('bank')], hooks: [] });
    const codex = client({ mcp_servers: { bank: { command: 'bank' } } });

    await codex.startThread({ toolSurface: { mcpServers: ['bank'] } }).open();

    expect(transport.requests('mcpServerStatus/list')).to.have.length(1);
  });

  it('must not contain settings of the home: then no thread is started', async () => {
    reports({ settings: { model: 'evil', projects: { '/repo': { trust_level: 'trusted' } } } });

    const violations = await violationsOf(client().startThread().run('Hi'));

    expect(violations).to.deep.equal(['configuration: /home/config.toml sets model, projects']);
    expect(transport.requests('thread/start')).to.be.empty;
  });

  it('determines the approval policy only if it is not configured elsewhere', async () => {
    const policyOf = async (codex: Codex, options = {}): Promise<unknown> => {
      await codex.startThread(options).open();
      const params = transport.requests('thread/start').at(-1);
      return params?.approvalPolicy ?? params?.config?.approval_policy;
    };
    for (const generation of [1, 2, 3]) reports({}, { generation });
    reports({ policy: 'untrusted' }, { generation: 4 });

    const free = await policyOf(client());
    const chosen = await policyOf(client(), { approvalPolicy: 'untrusted' });
    const configured = await policyOf(client({ approval_policy: 'never' }));
    const organised = await policyOf(client());

    expect([free, chosen, configured, organised]).to.deep.equal([
      'on-request',
      'untrusted',
      undefined,
      undefined,
    ]);
  });

  it('is not requested in user mode', async () => {
    reports({ servers: [server('planted')], settings: { model: 'mine' } });

    const { status } = await offline.client({ transport }).startThread().run('Hi');

    expect(status).to.equal('completed');
    expect(transport.requests('config/read')).to.be.empty;
  });
});

interface Report {
  readonly servers?: readonly object[];
  readonly hooks?: readonly object[];
  readonly policy?: string | null;
  readonly settings?: object;
}
