import { LinkTransport } from '../link-transport.js';
import { expect } from 'chai';
import { AppServer } from '../../lib/wire/app-server.js';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { TransportError } from '../../lib/errors.js';
import { isAlive } from './eventually.js';
import { MemoryConnection } from './memory-connection.js';
import { realPlan, temporaryHome } from '../transport/real-launch.js';

const gone = new TransportError('gone', { code: 'process-exited', exitCode: 1 });

async function reasonOf(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as TransportError,
  );
}

async function nextRound(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('AppServer', () => {
  let transports: MemoryConnection[];
  let signals: AbortSignal[];
  let failures: Error[];
  let server: AppServer;

  /** The start waits until the spec answers its handshake. */
  async function open(context: {
    generation: number;
    signal: AbortSignal;
  }): Promise<AppServerSession> {
    signals.push(context.signal);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    const transport = new MemoryConnection();
    transports.push(transport);
    return AppServerSession.open(
      { ...realPlan('/nonexistent'), transport: new LinkTransport(() => transport) },
      context,
    );
  }

  async function answerStart(): Promise<void> {
    await nextRound();
    transports.at(-1)!.say({ id: 1, result: { userAgent: 'spec/1.0.0 (here)', codexHome: '/' } });
    await nextRound();
  }

  beforeEach(() => {
    transports = [];
    signals = [];
    failures = [];
    server = new AppServer(open);
  });

  it('does not start without a call', async () => {
    await nextRound();

    expect(server.session).to.equal(null);
    expect(signals).to.deep.equal([]);
  });

  it('starts once for concurrent calls', async () => {
    const connecting = Promise.all([server.connect(), server.connect(), server.connect()]);
    await answerStart();
    const [first, second, third] = await connecting;

    expect(signals).to.have.length(1);
    expect([second, third, server.session]).to.deep.equal([first, first, first]);
    expect(first.generation).to.equal(1);
  });

  it('connects and sends a request in one call', async () => {
    const call = server.request('thread/loaded/list', {});
    await answerStart();
    transports[0]!.say({ id: 2, result: { data: ['T'], nextCursor: null } });

    expect((await call).data).to.deep.equal(['T']);
  });

  it('rejects all waiting callers if the start fails, and starts again at the next call', async () => {
    failures.push(gone);

    const reasons = await Promise.all([reasonOf(server.connect()), reasonOf(server.connect())]);
    const connecting = server.connect();
    await answerStart();

    expect(reasons).to.deep.equal([gone, gone]);
    expect((await connecting).generation).to.equal(2);
  });

  it('starts the next process after a crash, once the previous one has exited', async () => {
    const connecting = server.connect();
    await answerStart();
    const first = await connecting;
    let finish: () => void = () => undefined;
    transports[0]!.close = async () => new Promise((resolve) => (finish = resolve));

    transports[0]!.break(gone);
    await nextRound();
    const session = server.session;
    const next = server.connect();
    await nextRound();
    const startedBefore = signals.length;
    finish();
    await answerStart();

    expect(session).to.equal(null);
    expect(startedBefore).to.equal(1);
    expect((await next).generation).to.equal(2);
    expect(await next).not.to.equal(first);
  });

  describe('a caller that cancels', () => {
    it('does not cancel the start for others', async () => {
      const controller = new AbortController();

      const impatient = reasonOf(server.connect({ signal: controller.signal }));
      const patient = server.connect();
      controller.abort('enough');
      const reason = await impatient;
      await answerStart();

      expect(reason).to.equal('enough');
      expect((await patient).generation).to.equal(1);
    });

    it('cancels the start if it was the last one', async () => {
      const controller = new AbortController();

      const waiting = reasonOf(server.connect({ signal: controller.signal }));
      await nextRound();
      controller.abort('enough');

      expect(await waiting).to.equal('enough');
      expect(signals[0]!.aborted).to.equal(true);
      await nextRound();
      expect(transports[0]!.closeCalls).to.equal(1);
    });

    it('starts nothing if its signal has already fired', async () => {
      expect(await reasonOf(server.connect({ signal: AbortSignal.abort('no') }))).to.equal('no');
      expect(signals).to.deep.equal([]);
    });
  });

  describe('recycle', () => {
    it('rejects pending calls with the reason, and the next call starts a new process', async () => {
      const call = reasonOf(server.request('turn/start', { threadId: 'T', input: [] }));
      await answerStart();

      await server.recycle('its memory has grown');
      const next = server.connect();
      await answerStart();

      expect(await call).to.have.property('code', 'closed');
      expect((await call).message).to.contain('its memory has grown');
      expect((await next).generation).to.equal(2);
    });

    it('does nothing without a process', async () => {
      await server.recycle('no need');

      expect(signals).to.deep.equal([]);
    });
  });

  describe('close', () => {
    it('rejects all further calls', async () => {
      await server.close();
      const error = await reasonOf(server.connect());

      expect(error).to.be.instanceOf(TransportError);
      expect(error).to.include({ code: 'closed', retryable: false });
      expect(signals).to.deep.equal([]);
    });

    it('ends a pending start, and rejects its callers', async () => {
      const waiting = reasonOf(server.connect());
      await nextRound();

      await server.close();

      expect(await waiting).to.have.property('code', 'closed');
      expect(transports[0]!.closeCalls).to.equal(1);
    });

    it('ends the process and rejects pending calls, even if it is called repeatedly', async () => {
      const call = reasonOf(server.request('turn/start', { threadId: 'T', input: [] }));
      await answerStart();

      await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]()]);

      expect(await call).to.have.property('code', 'closed');
      expect(transports[0]!.closeCalls).to.equal(1);
      expect(server.session).to.equal(null);
    });
  });

  it('replaces a killed process of the real binary at the next call', async function () {
    this.timeout(30_000);
    using home = temporaryHome();
    await using real = new AppServer(async (context) =>
      AppServerSession.open(realPlan(home.path), context),
    );

    await real.request('thread/loaded/list', {});
    const first = real.session!;
    const died = new Promise<TransportError>((resolve) => first.onClose(resolve));
    process.kill(first.processId!, 'SIGKILL');
    const error = await died;
    await real.request('thread/loaded/list', {});

    expect(error).to.include({ code: 'process-exited', signal: 'SIGKILL', retryable: true });
    expect(real.session?.generation).to.equal(2);
    expect(isAlive(first.processId)).to.equal(false);
  });
});
