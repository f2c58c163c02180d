import { LinkTransport } from '../link-transport.js';
import { expect } from 'chai';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { RequestError, TransportError } from '../../lib/errors.js';
import { telemetry } from '../../lib/telemetry/telemetry.js';
import { testedCodexVersion } from '../../lib/version.js';
import { fakeTime } from '../fake-time.js';
import { MemoryConnection } from './memory-connection.js';
import { info, nextRound, openOver, plan } from './memory-session.js';

async function reasonOf(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as TransportError,
  );
}

describe('AppServerSession', () => {
  let transport: MemoryConnection;

  beforeEach(() => {
    transport = new MemoryConnection();
  });

  describe('handshake', () => {
    it('names the client, asks for what the plan says and tells that it is done', async () => {
      const session = await openOver(transport, { experimentalApi: false });

      expect(transport.sent).to.deep.equal([
        {
          id: 1,
          method: 'initialize',
          params: {
            clientInfo: plan.clientInfo,
            capabilities: { experimentalApi: false, requestAttestation: false },
          },
        },
        { method: 'initialized' },
      ]);
      expect(session.serverInfo).to.deep.equal(info);
      expect(session).to.include({
        codexVersion: testedCodexVersion,
        generation: 1,
        processId: null,
      });
    });

    it('fails with what codex-rs said when it refuses, and closes the link', async () => {
      const opening = reasonOf(
        AppServerSession.open({ ...plan, transport: new LinkTransport(() => transport) }),
      );
      transport.say({ id: 1, error: { code: -32600, message: 'not with hunter2hunter2' } });
      const error = await opening;

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'start-failed');
      expect(error.message).to.contain('not with [redacted]');
      expect(error.cause).to.be.instanceOf(RequestError);
      expect(transport.closeCalls).to.equal(1);
    });

    for (const [what, result] of Object.entries({ nothing: null, text: 'hello', another: {} }))
      it(`fails when the answer is ${what} that no app-server gives`, async () => {
        const opening = reasonOf(
          AppServerSession.open({ ...plan, transport: new LinkTransport(() => transport) }),
        );
        transport.say({ id: 1, result });

        expect(await opening).to.include({ code: 'start-failed', retryable: false });
        expect(transport.closeCalls).to.equal(1);
      });

    it('fails after the time of the plan, and closes the link', async () => {
      const error = await reasonOf(
        AppServerSession.open({
          ...plan,
          transport: new LinkTransport(() => transport),
          startupTimeoutMs: 5,
        }),
      );

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'start-timeout');
      expect(error.message).to.contain('5 ms');
      expect(transport.closeCalls).to.equal(1);
    });

    it('fails with the reason of the signal, and closes the link', async () => {
      const controller = new AbortController();

      const opening = reasonOf(
        AppServerSession.open(
          { ...plan, transport: new LinkTransport(() => transport) },
          { signal: controller.signal },
        ),
      );
      controller.abort('changed my mind');

      expect(await opening).to.equal('changed my mind');
      expect(transport.closeCalls).to.equal(1);
    });

    it('fails with what ended the link, for good if the program ended by itself', async () => {
      const gone = new TransportError('gone', { code: 'process-exited', exitCode: 1 });

      const opening = reasonOf(
        AppServerSession.open({ ...plan, transport: new LinkTransport(() => transport) }),
      );
      transport.break(gone);

      expect(await opening).to.include({
        code: 'process-exited',
        exitCode: 1,
        message: 'gone',
        retryable: false,
      });
    });

    it('fails when codex-rs is too old to name its home, with the version', async () => {
      const opening = reasonOf(
        AppServerSession.open({ ...plan, transport: new LinkTransport(() => transport) }),
      );
      transport.say({ id: 1, result: { userAgent: 'codex_cli_rs/0.50.0 (Debian 12; x86_64)' } });

      const error = await opening;

      expect(error).to.include({ code: 'unsupported-codex', codexVersion: '0.50.0' });
      expect(error).to.have.property('missing', 'codexHome in its reply to initialize');
    });
  });

  describe('request', () => {
    it('sends an empty object where a method takes no params, as codex-rs demands one', async () => {
      const session = await openOver(transport);

      const call = session.request('account/logout', undefined);
      transport.say({ id: 2, result: {} });
      await call;

      expect(transport.sent.at(-1)).to.deep.equal({ id: 2, method: 'account/logout', params: {} });
    });

    it('waits for as long as the plan says, or as the call says', async () => {
      const session = await openOver(transport, { ackTimeoutMs: 1 });

      const byPlan = await reasonOf(session.request('model/list', {}));
      const byCall = await reasonOf(session.request('model/list', {}, { timeoutMs: 2 }));

      expect([byPlan.code, byCall.code]).to.deep.equal(['timeout', 'timeout']);
      expect(byPlan.message).to.contain('model/list').and.to.contain('1 ms');
      expect(byCall.message).to.contain('2 ms');
    });

    it('waits 30 s by default', async () => {
      const session = await openOver(transport);
      const clock = fakeTime('setTimeout', 'clearTimeout');

      const call = reasonOf(session.request('model/list', {}));
      await clock.tickAsync(29_999);
      transport.say({ method: 'warning', params: {} });
      await clock.tickAsync(1);
      clock.restore();

      expect(await call).to.have.property('code', 'timeout');
    });

    it('is sent again while codex-rs is overloaded when it changes nothing', async () => {
      const session = await openOver(transport);
      const clock = fakeTime('setTimeout', 'clearTimeout');

      const call = session.request('thread/list', {});
      transport.say({ id: 2, error: { code: -32001, message: 'Server overloaded; retry later.' } });
      await clock.tickAsync(1000);
      transport.say({ id: 3, result: { data: [] } });
      clock.restore();

      expect(await call).to.deep.equal({ data: [] });
    });

    it('is never sent again when it changes something', async () => {
      const session = await openOver(transport);

      const call = reasonOf(session.request('thread/name/set', { threadId: 'T', name: 'n' }));
      transport.say({ id: 2, error: { code: -32001, message: 'Server overloaded; retry later.' } });

      expect(await call).to.include({ code: 'overloaded', retryable: true });
      expect(transport.sent).to.have.length(3);
    });

    it('keeps more than 64 calls at once waiting, but not what stops a turn', async () => {
      const session = await openOver(transport);

      const calls = Array.from({ length: 65 }, async () =>
        reasonOf(session.request('turn/start', { threadId: 'T', input: [] })),
      );
      const stop = reasonOf(session.request('turn/interrupt', { threadId: 'T', turnId: 'U' }));
      await nextRound();
      const methods = transport.sent.slice(2).map(({ method }) => method);
      await session.close();
      await Promise.all([...calls, stop]);

      expect(methods).to.deep.equal([
        ...Array.from({ length: 64 }, () => 'turn/start'),
        'turn/interrupt',
      ]);
    });

    it('shares one signal between 200 calls without a warning', async () => {
      const warnings: Error[] = [];
      const warn = (warning: Error): void => void warnings.push(warning);
      process.on('warning', warn);
      const session = await openOver(transport);
      const controller = new AbortController();

      const calls = Array.from({ length: 200 }, async () =>
        reasonOf(session.request('turn/start', { threadId: 'T', input: [] }, controller)),
      );
      controller.abort('all of you');
      const reasons = await Promise.all(calls);
      await nextRound();
      process.off('warning', warn);

      expect(new Set<unknown>(reasons)).to.deep.equal(new Set(['all of you']));
      expect(warnings).to.deep.equal([]);
    });
  });

  describe('notifications', () => {
    it('reach all, the listeners of the thread, or nobody in particular', async () => {
      const session = await openOver(transport);
      const calls: string[] = [];
      session.onNotification(({ method }) => calls.push(`all ${method}`));
      const leave = session.onThread('A', ({ method }) => calls.push(`A ${method}`));
      session.onUnclaimed(({ method }) => calls.push(`unclaimed ${method}`));

      transport.say({ method: 'turn/started', params: { threadId: 'A' } });
      leave();
      transport.say({ method: 'turn/completed', params: { threadId: 'A' } });
      transport.say({ method: 'brand/new', params: { threadId: 'B' } });

      expect(calls).to.deep.equal([
        'all turn/started',
        'A turn/started',
        'all turn/completed',
        'unclaimed turn/completed',
        'all brand/new',
        'unclaimed brand/new',
      ]);
    });

    it('miss nothing for who subscribes to a thread right after its start', async () => {
      const session = await openOver(transport);
      const calls: string[] = [];

      const started = session.request('thread/start', {}).then(({ thread }) => {
        session.onThread(thread.id, ({ method }) => calls.push(method));
      });
      transport.say({ id: 2, result: { thread: { id: 'T' } } });
      transport.say({ method: 'thread/started', params: { thread: { id: 'T' } } });
      await started;
      await nextRound();

      expect(calls).to.deep.equal(['thread/started']);
    });

    it('are reported when they are skipped', async () => {
      const session = await openOver(transport);
      session.onNotification(() => {
        throw new Error('a bug of the listener');
      });

      const problems: unknown[] = [];
      const stop = telemetry.problem.subscribe((problem) => problems.push(problem));

      transport.say('garbage');
      transport.say({ id: 77, result: {} });
      transport.say({ method: 'skills/changed', params: {} });
      stop();

      const problem = { threadId: null, during: 'protocol' };
      expect(problems).to.deep.equal([
        {
          ...problem,
          message: 'codex-rs sent a line of 7 characters that is not a message; it was skipped.',
        },
        {
          ...problem,
          message: 'codex-rs sent an unexpected reply to call 77; it was skipped.',
        },
        {
          ...problem,
          message: 'A listener of this package failed: a bug of the listener',
        },
      ]);
    });
  });

  describe('a request', () => {
    it('carries the trace that somebody who listens gives it, and none by itself', async () => {
      const session = await openOver(transport);
      const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
      const asked: unknown[] = [];
      const stop = telemetry.request.subscribe(({ method, clientMessageId, traceWith }) => {
        asked.push([method, clientMessageId]);
        traceWith(trace);
      });

      const params = { threadId: 'T', input: [], clientUserMessageId: 'M' };
      void session.request('turn/start', params).catch(() => null);
      stop();
      void session.request('thread/read', { threadId: 'T' }).catch(() => null);
      await nextRound();

      expect(asked).to.deep.equal([['turn/start', 'M']]);
      expect(transport.sent.at(-2)).to.deep.include({ method: 'turn/start', trace });
      expect(transport.sent.at(-1)).not.to.have.property('trace');
    });
  });

  describe('requests of codex-rs', () => {
    it('are declined by default, and unknown ones are not found', async () => {
      await openOver(transport);

      transport.say({ id: 0, method: 'item/commandExecution/requestApproval', params: {} });
      transport.say({ id: 1, method: 'item/brand/new', params: {} });
      await nextRound();

      expect(transport.sent.slice(2)).to.deep.equal([
        { id: 0, result: { decision: 'decline' } },
        { id: 1, error: { code: -32601, message: 'Method not found: item/brand/new' } },
      ]);
    });

    it('are answered by the handler, which is told when the answer is not waited for', async () => {
      const session = await openOver(transport);
      const aborted: boolean[] = [];
      session.answerWith(
        async (_, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted.push(true);
              resolve({ decision: 'accept' });
            });
          }),
      );

      transport.say({ id: 5, method: 'item/fileChange/requestApproval', params: {} });
      await nextRound();
      transport.say({ method: 'serverRequest/resolved', params: { threadId: 'T', requestId: 5 } });
      await nextRound();

      expect(aborted).to.deep.equal([true]);
      expect(transport.sent.slice(2)).to.deep.equal([{ id: 5, result: { decision: 'accept' } }]);
    });

    it('do not hold up the reader while the handler thinks', async () => {
      const session = await openOver(transport);
      session.answerWith(async () => new Promise(() => undefined));

      transport.say({ id: 5, method: 'item/fileChange/requestApproval', params: {} });
      const call = session.request('thread/loaded/list', {});
      transport.say({ id: 2, result: { data: ['T'], nextCursor: null } });

      expect((await call).data).to.deep.equal(['T']);
    });
  });

  describe('the end', () => {
    const gone = new TransportError('gone', { code: 'process-exited', signal: 'SIGKILL' });

    it('rejects pending calls and tells each listener once, also when one throws', async () => {
      const session = await openOver(transport);
      const told: unknown[] = [];
      session.onClose(() => {
        throw new Error('a bug of the listener');
      });
      session.onClose((error) => told.push(error));
      const forget = session.onClose((error) => told.push(error));

      const call = reasonOf(session.request('turn/start', { threadId: 'T', input: [] }));
      forget();
      transport.break(gone);
      await nextRound();

      expect(await call).to.equal(gone);
      expect(told).to.deep.equal([gone]);
      expect(session.closeReason).to.equal(gone);
    });

    it('is told at once to who comes late', async () => {
      const session = await openOver(transport);
      const told: unknown[] = [];
      transport.break(gone);
      await nextRound();

      session.onClose((error) => told.push(error))();

      expect(told).to.deep.equal([gone]);
    });

    it('comes by close(): pending calls reject before the process has ended, later ones too', async () => {
      const session = await openOver(transport);
      let end: () => void = () => undefined;
      transport.close = async () => new Promise<void>((resolve) => (end = resolve));

      const call = reasonOf(session.request('turn/start', { threadId: 'T', input: [] }));
      const closing = session.close('It was time');
      const error = await call;
      const late = await reasonOf(session.request('thread/list', {}));
      end();
      await closing;

      expect(error).to.include({ code: 'closed', retryable: false, message: 'It was time.' });
      expect(late).to.equal(error);
    });

    it('is one, however often it is closed', async () => {
      const session = await openOver(transport);

      await Promise.all([session.close(), session.close(), session[Symbol.asyncDispose]()]);

      expect(transport.closeCalls).to.equal(1);
    });
  });

  describe('keeping the host alive', () => {
    it('is done by pending calls and by holds, and by nothing else', async () => {
      const session = await openOver(transport);
      transport.references.length = 0;

      const first = session.hold();
      const second = session.hold();
      const call = session.request('model/list', {});
      first[Symbol.dispose]();
      first[Symbol.dispose]();
      transport.say({ id: 2, result: {} });
      await call;
      const whileHeld = transport.references.at(-1);
      second[Symbol.dispose]();

      expect(whileHeld).to.equal(true);
      expect(transport.references.at(-1)).to.equal(false);
    });
  });
});
