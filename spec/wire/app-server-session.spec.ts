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
    it('sends the client info, the requested features and the notification initialized', async () => {
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

    it('fails with the message of codex-rs if it refuses, and closes the connection', async () => {
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
      it(`fails if the reply is ${what} that is not from an app-server`, async () => {
        const opening = reasonOf(
          AppServerSession.open({ ...plan, transport: new LinkTransport(() => transport) }),
        );
        transport.say({ id: 1, result });

        expect(await opening).to.include({ code: 'start-failed', retryable: false });
        expect(transport.closeCalls).to.equal(1);
      });

    it('fails after the timeout of the plan, and closes the connection', async () => {
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

    it('fails with the reason of the signal, and closes the connection', async () => {
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

    it('fails with the error that ended the connection, permanently if the program exited on its own', async () => {
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

    it('fails with the version if codex-rs is too old to name its home', async () => {
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
    it('sends an empty object for a method without params, as codex-rs requires', async () => {
      const session = await openOver(transport);

      const call = session.request('account/logout', undefined);
      transport.say({ id: 2, result: {} });
      await call;

      expect(transport.sent.at(-1)).to.deep.equal({ id: 2, method: 'account/logout', params: {} });
    });

    it('waits for the timeout of the plan, or of the call', async () => {
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

    it('is retried while codex-rs is overloaded if it is read-only', async () => {
      const session = await openOver(transport);
      const clock = fakeTime('setTimeout', 'clearTimeout');

      const call = session.request('thread/list', {});
      transport.say({ id: 2, error: { code: -32001, message: 'Server overloaded; retry later.' } });
      await clock.tickAsync(1000);
      transport.say({ id: 3, result: { data: [] } });
      clock.restore();

      expect(await call).to.deep.equal({ data: [] });
    });

    it('is never retried if it changes something', async () => {
      const session = await openOver(transport);

      const call = reasonOf(session.request('thread/name/set', { threadId: 'T', name: 'n' }));
      transport.say({ id: 2, error: { code: -32001, message: 'Server overloaded; retry later.' } });

      expect(await call).to.include({ code: 'overloaded', retryable: true });
      expect(transport.sent).to.have.length(3);
    });

    it('queues calls beyond 64, except those that stop a turn', async () => {
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
    it('reach general listeners, listeners of the thread, or listeners of unclaimed ones', async () => {
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

    it('are complete for a subscriber right after the start of its thread', async () => {
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
    it('carries the trace of a subscriber, and none without one', async () => {
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
    it('are declined by default; unknown ones are answered with "method not found"', async () => {
      await openOver(transport);

      transport.say({ id: 0, method: 'item/commandExecution/requestApproval', params: {} });
      transport.say({ id: 1, method: 'item/brand/new', params: {} });
      await nextRound();

      expect(transport.sent.slice(2)).to.deep.equal([
        { id: 0, result: { decision: 'decline' } },
        { id: 1, error: { code: -32601, message: 'Method not found: item/brand/new' } },
      ]);
    });

    it('are answered by the handler, whose signal fires when the answer is no longer needed', async () => {
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

    it('do not block the reader while the handler is running', async () => {
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

    it('rejects pending calls and notifies each listener once, even if one throws', async () => {
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

    it('notifies late listeners immediately', async () => {
      const session = await openOver(transport);
      const told: unknown[] = [];
      transport.break(gone);
      await nextRound();

      session.onClose((error) => told.push(error))();

      expect(told).to.deep.equal([gone]);
    });

    it('happens with close(): pending calls reject before the process exits, later ones too', async () => {
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

    it('happens once for repeated close() calls', async () => {
      const session = await openOver(transport);

      await Promise.all([session.close(), session.close(), session[Symbol.asyncDispose]()]);

      expect(transport.closeCalls).to.equal(1);
    });
  });

  describe('keeping the host alive', () => {
    it('depends only on pending calls and holds', async () => {
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
