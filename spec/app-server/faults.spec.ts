import { expect } from 'chai';
import { AppServer } from '../../lib/app-server/app-server.js';
import { AppServerSession } from '../../lib/app-server/app-server-session.js';
import type { SessionPlan } from '../../lib/app-server/session-plan.js';
import { RequestError, TransportError } from '../../lib/errors.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { noProcessLeft } from '../root-hooks.js';
import { realPlan, temporaryHome } from './real-launch.js';

async function reasonOf(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as TransportError,
  );
}

const means = {
  memory: async (faulty: FaultyAppServer, plan: SessionPlan) =>
    AppServerSession.open({ ...plan, transport: faulty.transport }),
  'a process': async (faulty: FaultyAppServer, plan: SessionPlan) =>
    AppServerSession.open({
      ...plan,
      codexPath: faulty.program().codexPath,
      environment: { ...plan.environment, ...faulty.environment() },
    }),
};

for (const [means_, open] of Object.entries(means))
  describe(`A faulty app-server over ${means_}`, function () {
    this.timeout(20_000);
    let home: ReturnType<typeof temporaryHome>;
    let faulty: FaultyAppServer;

    async function connect(changes: Partial<SessionPlan> = {}): Promise<AppServerSession> {
      return open(faulty, realPlan(home.path, changes));
    }

    beforeEach(() => {
      home = temporaryHome();
      faulty = new FaultyAppServer();
    });

    afterEach(async () => {
      home[Symbol.dispose]();
      await noProcessLeft();
    });

    it('that drops a reply lets that call time out, and no other', async () => {
      faulty.on('thread/list', { nth: 1 }).dropReply();
      await using session = await connect();

      const lost = await reasonOf(session.request('thread/list', {}, { timeoutMs: 50 }));
      const { data } = await session.request('thread/list', {});

      expect(lost.code).to.equal('timeout');
      expect(data).to.deep.equal([]);
    });

    it('that freezes lets every call time out and can still be closed', async () => {
      faulty.on('thread/list').freeze();
      const session = await connect({ ackTimeoutMs: 50 });

      const errors = await Promise.all(
        [1, 2, 3].map(async () => reasonOf(session.request('thread/list', {}))),
      );
      await session.close();

      expect(errors.map(({ code }) => code)).to.deep.equal(['timeout', 'timeout', 'timeout']);
    });

    it('that stops reading lets calls time out and can still be closed', async () => {
      faulty.on('thread/list').stopReadingStdin();
      const session = await connect({ ackTimeoutMs: 100 });

      await session.request('thread/list', {});
      const errors = await Promise.all(
        Array.from({ length: 40 }, async () =>
          reasonOf(session.request('thread/list', { searchTerm: 'x'.repeat(100_000) })),
        ),
      );
      await session.close();

      expect(new Set(errors.map(({ code }) => code))).to.deep.equal(new Set(['timeout']));
    });

    it('that reorders and repeats replies gives each call its own', async () => {
      faulty.on('thread/list', { nth: 1 }).replyOutOfOrder().on('model/list').replyTwice();
      await using session = await connect();

      const [threads, models] = await Promise.all([
        session.request('thread/list', {}),
        session.request('model/list', {}),
      ]);
      await session.request('account/read', {});

      expect(threads).to.have.property('backwardsCursor');
      expect(models.data).to.have.length(1);
      expect(session.skipped.strayReplies).to.equal(1);
    });

    it('that talks nonsense between its messages is understood all the same', async () => {
      faulty
        .extraFields()
        .duplicateNotifications()
        .on('thread/list')
        .garbage('{"half":')
        .on('thread/list')
        .garbage('\u0000\uFFFD nonsense')
        .on('thread/list')
        .blankLines(3)
        .on('thread/list')
        .unknownNotification()
        .on('thread/list')
        .unknownServerRequest();
      await using session = await connect();

      const { data } = await session.request('thread/list', {});
      await session.request('account/read', {});

      expect(data).to.deep.equal([]);
      expect(session.skipped).to.include({ garbageLines: 2, blankLines: 3 });
    });

    it('that writes byte by byte is understood all the same', async () => {
      faulty.splitUtf8().onNotification('thread/started').duplicate();
      await using session = await connect();

      const { thread } = await session.request('thread/start', { cwd: '/é😀' });

      expect(thread.cwd).to.equal('/é😀');
    });

    it('that floods standard error before it answers keeps nobody waiting', async () => {
      faulty.on('thread/list').floodStderr(1024 * 1024);
      await using session = await connect();

      expect((await session.request('thread/list', {})).data).to.deep.equal([]);
    });

    it('that refuses the handshake is told with its words', async () => {
      faulty.refuseHandshake('too old for this');

      const error = await reasonOf(connect());

      expect(error).to.have.property('code', 'start-failed');
      expect(error.message).to.contain('too old for this');
    });

    it('that hangs in the handshake is given up in time', async () => {
      faulty.hangHandshake();

      expect(await reasonOf(connect({ startupTimeoutMs: 400 }))).to.have.property(
        'code',
        'start-timeout',
      );
    });

    it('that dies in the handshake is told with its exit code', async () => {
      faulty.on('initialize').exit(3);

      expect(await reasonOf(connect())).to.include({ code: 'process-exited', exitCode: 3 });
    });

    it('that dies before an answer rejects the call, and is replaced at the next', async () => {
      faulty.on('thread/start', { nth: 1 }).exit(3);
      await using server = new AppServer(async () => connect());

      const error = await reasonOf(server.request('thread/start', {}));
      const { data } = await server.request('thread/list', {});

      expect(error).to.include({ code: 'process-exited', exitCode: 3 });
      expect(data).to.deep.equal([]);
    });

    it('that dies right after an answer has given it', async () => {
      faulty.on('thread/start', { when: 'after' }).kill();
      await using session = await connect();

      const { thread } = await session.request('thread/start', {});
      const end = await new Promise<TransportError>((resolve) => session.onClose(resolve));

      expect(thread.id).to.be.a('string');
      expect(end).to.include({ code: 'process-exited', signal: 'SIGKILL' });
    });

    it('that closes its output is of no use, and is replaced at the next call', async () => {
      faulty.on('thread/start', { nth: 1 }).closeStdout();
      await using server = new AppServer(async () => connect());

      const error = await reasonOf(server.request('thread/start', {}));
      const { data } = await server.request('thread/list', {});

      expect(error.code).to.be.oneOf(['process-exited', 'closed']);
      expect(data).to.deep.equal([]);
    });

    it('that is overloaded is asked again for what changes nothing, and only for that', async () => {
      faulty.on('thread/list', { nth: 1 }).overloaded(2).on('thread/start').overloaded(1);
      await using session = await connect();

      const { data } = await session.request('thread/list', {});
      const refused = await reasonOf(session.request('thread/start', {}));

      expect(data).to.deep.equal([]);
      expect(refused).to.be.instanceOf(RequestError).with.property('code', 'overloaded');
    });

    it('that answers with something that is no object is refused with a typed error', async () => {
      faulty.on('thread/list').answerAnything([1, null, 'x']);
      await using session = await connect();

      expect(await reasonOf(session.request('thread/list', {})))
        .to.be.instanceOf(TransportError)
        .with.property('code', 'malformed-message');
    });
  });

describe('A faulty app-server process', function () {
  this.timeout(20_000);

  it('that sends a frame beyond the limit is ended with a typed error, and replaced at the next call', async () => {
    using home = temporaryHome();
    const faulty = new FaultyAppServer().on('thread/start').hugeFrame(100_000);
    const plan = realPlan(home.path, { maxFrameBytes: 50_000 });
    await using server = new AppServer(async () => means['a process'](faulty, plan));

    const error = await reasonOf(server.request('thread/start', {}));
    const first = server.session;
    const { data } = await server.request('thread/list', {});

    expect(error).to.include({ code: 'frame-too-large', retryable: true });
    expect(first).to.equal(null);
    expect(data).to.deep.equal([]);
  });

  it('that ignores the end of its input and SIGTERM is ended all the same', async () => {
    using home = temporaryHome();
    const faulty = new FaultyAppServer().ignoreSigterm().ignoreStdinEnd();
    const session = await means['a process'](faulty, realPlan(home.path));

    await session.close();

    await noProcessLeft(100);
  });
});
