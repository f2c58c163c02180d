import { expect } from 'chai';
import { AppServer } from '../../lib/wire/app-server.js';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import type { SessionPlan } from '../../lib/wire/session-plan.js';
import { RequestError, TransportError } from '../../lib/errors.js';
import { FaultyTransport } from '../../lib/testing/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { fixture, realPlan, temporaryHome } from '../transport/real-launch.js';
import { WireProblems } from './wire-problems.js';

async function reasonOf(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as TransportError,
  );
}

describe('A faulty app-server', function () {
  this.timeout(20_000);
  let home: ReturnType<typeof temporaryHome>;
  let transport: FaultyTransport;

  async function connect(changes: Partial<SessionPlan> = {}): Promise<AppServerSession> {
    return AppServerSession.open(realPlan(home.path, { transport, ...changes }));
  }

  /** The real codex-rs in a misbehaving process: see the program. */
  async function connectOdd(
    oddity: string,
    changes: Partial<SessionPlan> = {},
  ): Promise<AppServerSession> {
    const { environment } = realPlan(home.path);
    return connect({
      codexPath: fixture('odd-codex'),
      environment: { ...environment, ODD_CODEX: oddity },
      ...changes,
    });
  }

  before(() => {
    home = temporaryHome();
  });

  beforeEach(() => {
    transport = new FaultyTransport();
  });

  afterEach(async () => noProcessLeft());

  after(() => {
    home[Symbol.dispose]();
  });

  it('that drops a reply makes only that call time out', async () => {
    transport.on('thread/list', { nth: 1 }).dropReply();
    await using session = await connect();

    const lost = await reasonOf(session.request('thread/list', {}, { timeoutMs: 50 }));
    const { data } = await session.request('thread/list', {});

    expect(lost.code).to.equal('timeout');
    expect(data).to.deep.equal([]);
  });

  it('that freezes makes all calls time out and can still be closed', async () => {
    transport.on('thread/list').freeze();
    const session = await connect({ ackTimeoutMs: 50 });

    const errors = await Promise.all(
      [1, 2, 3].map(async () => reasonOf(session.request('thread/list', {}))),
    );
    await session.close();

    expect(errors.map(({ code }) => code)).to.deep.equal(['timeout', 'timeout', 'timeout']);
  });

  it('that stops reading makes calls time out and can still be closed', async () => {
    const session = await connectOdd('stopsReading thread/list', { ackTimeoutMs: 100 });

    await session.request('thread/list', {}, { timeoutMs: 20_000 });
    const errors = await Promise.all(
      Array.from({ length: 40 }, async () =>
        reasonOf(session.request('thread/list', { searchTerm: 'x'.repeat(100_000) })),
      ),
    );
    await session.close();

    expect(new Set(errors.map(({ code }) => code))).to.deep.equal(new Set(['timeout']));
  });

  it('that reorders and repeats replies gives each call its own', async () => {
    using problems = new WireProblems();
    transport.on('thread/list', { nth: 1 }).replyOutOfOrder().on('model/list').replyTwice();
    await using session = await connect();

    const [threads, models] = await Promise.all([
      session.request('thread/list', {}),
      session.request('model/list', {}),
    ]);
    await session.request('account/read', {});

    expect(threads).to.have.property('backwardsCursor');
    expect(models.data[0]).to.have.property('isDefault');
    expect(problems.strayReplies).to.equal(1);
  });

  it('that writes garbage between its messages is still understood', async () => {
    using problems = new WireProblems();
    const unknown = { faultyUnknown: { nested: [1, null, 'x'] } };
    const list = (): ReturnType<FaultyTransport['on']> => transport.on('thread/list');
    list().garbage('{"half":');
    list().garbage('\u0000\uFFFD nonsense');
    for (const line of ['', ' ', '\r']) list().garbage(line);
    list().notifyAnything('faulty/unknownNotification', unknown);
    list().requestAnything('faulty/unknownRequest', unknown);
    list().editReply((result) => ({ ...result, ...unknown }));
    transport
      .on('initialize')
      .editReply((result) => ({ ...result, ...unknown }))
      .onMessage('thread/started')
      .repeat()
      .onMessage('thread/started')
      .edit(({ thread }) => ({ thread: { ...thread, ...unknown }, ...unknown }));
    await using session = await connect();

    await session.request('thread/start', {});
    const { data } = await session.request('thread/list', {});
    await session.request('account/read', {});

    expect(data).to.deep.equal([]);
    expect(problems.garbage).to.equal(2);
  });

  it('that writes byte by byte is still understood', async () => {
    transport.onMessage('thread/started').repeat();
    await using session = await connectOdd('splitsCharacters');

    const { thread } = await session.request('thread/start', { cwd: '/é😀' });

    expect(thread.cwd).to.equal('/é😀');
  });

  it('that floods standard error before it answers does not block callers', async () => {
    await using session = await connectOdd('floodsStderr thread/list');

    expect((await session.request('thread/list', {})).data).to.deep.equal([]);
  });

  it('that refuses the handshake is reported with its message', async () => {
    transport.on('initialize').reject(-32600, 'too old for this');

    const error = await reasonOf(connect());

    expect(error).to.have.property('code', 'start-failed');
    expect(error.message).to.contain('too old for this');
  });

  it('that hangs in the handshake fails after the timeout', async () => {
    transport.on('initialize').stall();

    expect(await reasonOf(connect({ startupTimeoutMs: 400 }))).to.have.property(
      'code',
      'start-timeout',
    );
  });

  it('that exits during the handshake is reported with its exit code', async () => {
    expect(await reasonOf(connectOdd('exits initialize'))).to.include({
      code: 'process-exited',
      exitCode: 3,
    });
  });

  it('that exits before a reply rejects the call, and is replaced at the next one', async () => {
    await using server = new AppServer(async () => connectOdd('exits thread/start'));

    const error = await reasonOf(server.request('thread/start', {}));
    const { data } = await server.request('thread/list', {});

    expect(error).to.include({ code: 'process-exited', exitCode: 3 });
    expect(data).to.deep.equal([]);
  });

  it('that exits right after a reply has delivered it', async () => {
    transport.on('thread/start', { when: 'after' }).kill();
    await using session = await connect();

    const { thread } = await session.request('thread/start', {});
    const end = await new Promise<TransportError>((resolve) => session.onClose(resolve));

    expect(thread.id).to.be.a('string');
    expect(end).to.include({ code: 'process-exited', signal: 'SIGKILL' });
  });

  it('that closes its output is replaced at the next call', async () => {
    await using server = new AppServer(async () => connectOdd('closesOutput thread/start'));

    const error = await reasonOf(server.request('thread/start', {}));
    const { data } = await server.request('thread/list', {});

    expect(error.code).to.be.oneOf(['process-exited', 'closed']);
    expect(data).to.deep.equal([]);
  });

  it('that is overloaded gets read-only requests again, and no others', async () => {
    transport.on('thread/list', { nth: 1 }).overloaded(2).on('thread/start').overloaded(1);
    await using session = await connect();

    const { data } = await session.request('thread/list', {});
    const refused = await reasonOf(session.request('thread/start', {}));

    expect(data).to.deep.equal([]);
    expect(refused).to.be.instanceOf(RequestError).with.property('code', 'overloaded');
  });

  it('that replies with a value that is not an object causes a typed error', async () => {
    transport.on('thread/list').answerAnything([1, null, 'x']);
    await using session = await connect();

    expect(await reasonOf(session.request('thread/list', {})))
      .to.be.instanceOf(TransportError)
      .with.property('code', 'malformed-message');
  });

  it('that sends a frame beyond the limit is ended with a typed error, and replaced at the next call', async () => {
    await using server = new AppServer(async () =>
      connectOdd('writesLongLine thread/start', { maxFrameBytes: 50_000 }),
    );

    const error = await reasonOf(server.request('thread/start', {}));
    const first = server.session;
    const { data } = await server.request('thread/list', {});

    expect(error).to.include({ code: 'frame-too-large', retryable: true });
    expect(first).to.equal(null);
    expect(data).to.deep.equal([]);
  });

  it('that ignores the end of its input and SIGTERM is still ended', async () => {
    const session = await connectOdd('ignoresEveryEnd');

    await session.close();

    await noProcessLeft(100);
  });
});
