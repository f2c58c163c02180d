import { expect } from 'chai';
import {
  RequestError,
  telemetry,
  UnsupportedCodexError,
  ValidationError,
  type Codex,
  type TelemetryMessages,
  type ThreadMatch,
} from '../../lib/index.js';
import type { ThreadSearchResult } from '../../lib/protocol/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

const method = 'thread/search/stream';
const ids = (matches: readonly ThreadMatch[]): string[] =>
  matches.map(({ thread }) => thread.threadId);

describe('A search over threads', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;
  let first: string;
  let second: string;
  let found: readonly ThreadSearchResult[];
  let problems: TelemetryMessages['problem'][];
  let forget: () => void;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`The haystack of ${userTexts.at(-1) ?? ''}`),
    );
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
    first = (await codex.startThread().run('One needle')).threadId;
    second = (await codex.startThread().run('Another needle')).threadId;
    await codex.startThread().run('Nothing');
    found = (await codex.request('thread/search', { searchTerm: 'needle' })).data;
  });

  beforeEach(() => {
    transport.reset();
    problems = [];
    forget = telemetry.problem.subscribe((message) => problems.push(message));
  });

  afterEach(() => {
    forget();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The id of the last search that was sent. */
  function searchId(): number {
    const sent = transport.received.filter(({ message }) => message.method === method);
    return sent.at(-1)?.message.id as number;
  }

  /** Delays the reply of codex-rs to the next search, and reports these threads before it. */
  function findsEarly(...threads: readonly string[]): Gate {
    const gate = new Gate();
    const rows = found.filter(({ thread }) => threads.includes(thread.id));
    transport
      // Whether codex-rs itself reports early matches depends on timing.
      .onMessage('thread/search/partial')
      .drop()
      .on(method)
      .delayReplyUntil(gate)
      .on(method)
      .notify('thread/search/partial', () => ({ requestId: searchId() + 1000, data: [...found] }))
      .on(method)
      .notify('thread/search/partial', () => ({ requestId: searchId(), data: rows }));
    return gate;
  }

  it('returns the threads that contain the text', async () => {
    const matches = await collected(codex.searchThreads('NEEDLE'));
    const one = matches.find(({ thread }) => thread.threadId === first);

    expect(ids(matches)).to.have.members([second, first]);
    expect(one?.snippet).to.contain('needle');
    expect(one?.thread.preview).to.equal('One needle');
    expect(ids(await collected(codex.searchThreads('haystack of another')))).to.deep.equal([
      second,
    ]);
    expect(await collected(codex.searchThreads('needle', { archived: true }))).to.deep.equal([]);
  });

  it('has the requested order', async () => {
    await collected(codex.searchThreads('needle', { sort: 'recencyAt', order: 'oldestFirst' }));

    expect(transport.requests(method)[0]).to.include({
      sortKey: 'recency_at',
      sortDirection: 'asc',
      archived: false,
    });
  });

  it('reads all pages', async () => {
    transport.on(method).edit((params) => ({ ...params, limit: 1 }));

    for (const sort of ['updatedAt', 'recencyAt'] as const) {
      const matches = await collected(codex.searchThreads('needle', { sort }));
      expect(ids(matches)).to.have.members([second, first]);
    }
    expect(transport.requests(method)).to.have.length(4);
  });

  it('yields early matches first, and each thread once', async () => {
    const gate = findsEarly(first);
    const matches: string[] = [];

    for await (const { thread, isProvisional } of codex.searchThreads('needle')) {
      matches.push(`${thread.threadId} ${isProvisional}`);
      gate.open();
    }

    expect(matches).to.deep.equal([`${first} true`, `${second} false`]);
    expect(transport.requests(`${method}/cancel`)).to.deep.equal([]);
  });

  it('keeps the order without provisional matches', async () => {
    findsEarly(first).open();

    const matches = await collected(codex.searchThreads('needle', { provisional: false }));

    expect(ids(matches)).to.deep.equal([second, first]);
    expect(matches.some(({ isProvisional }) => isProvisional)).to.equal(false);
  });

  it('is cancelled by leaving the loop', async () => {
    const gate = findsEarly(first);

    for await (const { thread } of codex.searchThreads('needle')) {
      expect(thread.threadId).to.equal(first);
      break;
    }

    await transport.whenReceived(`${method}/cancel`);
    gate.open();
    await codex.request('thread/loaded/list', {});
    expect(transport.requests(`${method}/cancel`)).to.deep.equal([{ requestId: searchId() }]);
    expect(problems).to.deep.equal([]);
  });

  it('is cancelled by its signal, whose reason it throws', async () => {
    const gate = findsEarly();
    const controller = new AbortController();
    const searching = failure(
      collected(codex.searchThreads('needle', { signal: controller.signal })),
    );
    await transport.whenReceived(method);

    controller.abort(new Error('Enough.'));

    expect(await searching).to.equal(controller.signal.reason);
    await transport.whenReceived(`${method}/cancel`);
    gate.open();
    const aborted = codex.searchThreads('needle', { signal: controller.signal });
    expect(await failure(collected(aborted))).to.equal(controller.signal.reason);
    expect(transport.requests(method)).to.have.length(1);
  });

  it('that codex-rs refuses has its reason', async () => {
    transport.on(method).reject(-32600, 'not today');

    const error = await failure(collected(codex.searchThreads('needle')));

    expect(error).to.be.instanceOf(RequestError).with.property('serverMessage', 'not today');
  });

  it('is rejected with all its problems, before anything is sent', async () => {
    const options = { order: 'random', sort: 'createdAt', cwd: '/', signal: 'now' } as never;
    const error = await failure(collected(codex.searchThreads(' ', options)));
    const long = await failure(collected(codex.searchThreads('é'.repeat(40_000))));

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as ValidationError).problems.map(({ path }) => path)).to.have.members([
      'query',
      'order',
      'sort',
      'cwd',
      'signal',
    ]);
    expect(long)
      .to.be.instanceOf(ValidationError)
      .with.property('message')
      .that.contains('at most 65536 bytes');
    expect(transport.received).to.deep.equal([]);
  });

  it('is refused on a codex-rs without support for it, even a tested version', async () => {
    const old = new FaultyTransport(offline.transport())
      .on('initialize')
      .editReply((info) => ({ ...info, userAgent: 'spec/0.169.0 (Linux)' }))
      .on(method)
      .reject(-32600, `Invalid request: unknown variant \`${method}\`, expected one of \`a\``);

    const error = await failure(
      collected(offline.client({ transport: old }).searchThreads('needle')),
    );

    expect(error)
      .to.be.instanceOf(UnsupportedCodexError)
      .and.to.include({ codexVersion: '0.169.0', missing: `the method ${method}` });
  });
});
