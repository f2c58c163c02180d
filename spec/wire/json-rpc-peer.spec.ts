import { expect } from 'chai';
import fc from 'fast-check';
import { JsonRpcPeer, type PeerHandlers } from '../../lib/wire/json-rpc-peer.js';
import { RequestError, TransportError } from '../../lib/errors.js';
import { Redactor, Secret } from '../../lib/redaction.js';
import { scaled } from '../scale.js';
import { WireProblems } from './wire-problems.js';
import { MemoryConnection } from './memory-connection.js';

const gone = new TransportError('gone', { code: 'process-exited', exitCode: 1 });
const patient = { timeoutMs: Infinity };

async function nextRound(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error,
  );
}

describe('JsonRpcPeer', () => {
  let transport: MemoryConnection;
  let peer: JsonRpcPeer;
  let log: unknown[];
  let pending: number;
  let problems: WireProblems;

  function start(changes: Partial<PeerHandlers> = {}): void {
    peer.start({
      onNotification: ({ method }) => log.push(method),
      onRequest: ({ id, method }) => log.push([id, method]),
      onPending: (count) => {
        pending = count;
      },
      onClose: (error) => log.push(error),
      ...changes,
    });
  }

  beforeEach(() => {
    transport = new MemoryConnection();
    peer = new JsonRpcPeer(transport, new Redactor([new Secret('hunter2hunter2')]));
    log = [];
    problems = new WireProblems();
  });

  afterEach(() => {
    problems[Symbol.dispose]();
  });

  describe('request', () => {
    it('sends an id, the method and the params, and resolves with the result', async () => {
      start();

      const result = peer.request('model/list', { limit: 1 }, patient);
      transport.say({ id: 1, result: { data: [] } });

      expect(await result).to.deep.equal({ data: [] });
      expect(transport.sent).to.deep.equal([{ id: 1, method: 'model/list', params: { limit: 1 } }]);
    });

    it('matches replies in any order', async () => {
      start();

      const results = Promise.all([
        peer.request('a', {}, patient),
        peer.request('b', {}, patient),
        peer.request('c', {}, patient),
      ]);
      for (const id of [3, 1, 2]) transport.say({ id, result: `of ${id}` });

      expect(await results).to.deep.equal(['of 1', 'of 2', 'of 3']);
    });

    it('ignores a null error next to a result', async () => {
      start();

      const call = peer.request('m', {}, patient);
      transport.say({ id: 1, result: 'fine', error: null });

      expect(await call).to.equal('fine');
    });

    it('rejects with the redacted message, the code and the data of an error', async () => {
      start();

      const call = peer.request('thread/read', {}, patient);
      transport.say({
        id: 1,
        error: { code: -32600, message: 'no hunter2hunter2', data: { key: 'hunter2hunter2' } },
      });
      const error = (await reasonOf(call)) as RequestError;

      expect(error).to.be.instanceOf(RequestError);
      expect(error).to.include({
        method: 'thread/read',
        rpcCode: -32600,
        serverMessage: 'no [redacted]',
        code: 'request-refused',
      });
      expect(error.data).to.deep.equal({ key: '[redacted]' });
    });

    it('rejects with a RequestError even if the error has an unknown form', async () => {
      start();

      const calls = ['text', null, 7, [1]].map(async (error, index) => {
        const call = reasonOf(peer.request('m', {}, patient));
        transport.say({ id: index + 1, error });
        return call;
      });

      for (const error of await Promise.all(calls)) expect(error).to.be.instanceOf(RequestError);
    });

    it('rejects after the timeout, and reports the late reply', async () => {
      start();

      const error = await reasonOf(peer.request('m', {}, { timeoutMs: 1 }));
      transport.say({ id: 1, result: {} });

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(problems.strayReplies).to.equal(1);
      expect(pending).to.equal(0);
    });

    it('waits without a timeout until the connection closes', async () => {
      start();

      const call = reasonOf(peer.request('m', {}, patient));
      await nextRound();
      transport.break(gone);

      expect(await call).to.equal(gone);
    });

    it('rejects with the reason of the signal, unchanged', async () => {
      start();
      const controller = new AbortController();
      const reason = { why: 'enough' };

      const call = reasonOf(peer.request('m', {}, { ...patient, signal: controller.signal }));
      controller.abort(reason);

      expect(await call).to.equal(reason);
      expect(pending).to.equal(0);
    });

    it('sends nothing if the signal has already fired', async () => {
      start();

      const error = await reasonOf(
        peer.request('m', {}, { ...patient, signal: AbortSignal.abort('no') }),
      );

      expect(error).to.equal('no');
      expect(transport.sent).to.deep.equal([]);
    });

    it('rejects params that are not JSON, and stays usable', async () => {
      start();

      const error = await reasonOf(peer.request('m', { n: 1n }, patient));
      const call = peer.request('m', {}, patient);
      transport.say({ id: 2, result: 'fine' });

      expect(error).to.be.instanceOf(TypeError);
      expect(await call).to.equal('fine');
    });

    it('rejects if the line cannot be written', async () => {
      start();
      transport.accept = async () => Promise.reject(gone);

      expect(await reasonOf(peer.request('m', {}, patient))).to.equal(gone);
      expect(pending).to.equal(0);
    });

    it('rejects all pending and later calls with the error that ended the connection', async () => {
      start();

      const calls = [1, 2, 3].map(async () => reasonOf(peer.request('m', {}, patient)));
      transport.break(gone);

      expect(await Promise.all(calls)).to.deep.equal([gone, gone, gone]);
      expect(await reasonOf(peer.request('m', {}, patient))).to.equal(gone);
      expect(transport.sent).to.have.length(3);
    });

    it('delivers replies that arrived before the end', async () => {
      start();

      const first = peer.request('a', {}, patient);
      const second = reasonOf(peer.request('b', {}, patient));
      transport.say({ id: 1, result: 'in time' });
      transport.break(gone);

      expect(await first).to.equal('in time');
      expect(await second).to.equal(gone);
    });

    it('reports the number of pending calls at every change', async () => {
      const counts: number[] = [];
      start({ onPending: (count) => counts.push(count) });

      const calls = Promise.all([peer.request('a', {}, patient), peer.request('b', {}, patient)]);
      transport.say({ id: 2, result: 0 });
      transport.say({ id: 1, result: 0 });
      await calls;

      expect(counts).to.deep.equal([1, 2, 1, 0]);
    });
  });

  describe('reading', () => {
    it('delivers notifications and requests in wire order', () => {
      start();

      transport.say({ method: 'one', params: {} });
      transport.say({ id: 0, method: 'ask', params: {} });
      transport.say({ method: 'two' });

      expect(log).to.deep.equal(['one', [0, 'ask'], 'two']);
    });

    it('delays the messages after a reply until the code that awaits it has run', async () => {
      start();
      const listen = async (): Promise<void> => {
        await Promise.all([peer.request('thread/start', {}, patient).then((id) => id)]);
        log.push('subscribed');
      };

      const listening = listen();
      transport.say({ id: 1, result: 'T' });
      transport.say({ method: 'thread/started' });
      transport.say({ method: 'turn/started' });
      await listening;
      await nextRound();

      expect(log).to.deep.equal(['subscribed', 'thread/started', 'turn/started']);
    });

    it('skips and reports lines that are not messages', async () => {
      start();
      const garbage = [
        '{"id":1',
        'nonsense',
        '[]',
        '"text"',
        'null',
        '7',
        '{}',
        '{"id":1}',
        '{"id":null,"result":{}}',
        '{"method":7}',
        '{"id":{},"method":"m"}',
      ];

      const call = peer.request('m', {}, patient);
      for (const line of garbage) transport.say(line);
      transport.say({ id: 1, result: 'found' });

      expect(await call).to.equal('found');
      expect(problems.garbage).to.equal(garbage.length);
      expect(log).to.deep.equal([]);
    });

    it('ignores blank lines', () => {
      start();

      transport.say('');
      transport.say(' \t');

      expect(problems.messages).to.deep.equal([]);
      expect(log).to.deep.equal([]);
    });

    it('ignores and reports replies to unknown ids and repeated ones', async () => {
      start();

      const call = peer.request('m', {}, patient);
      transport.say({ id: 99, result: {} });
      transport.say({ id: '1', result: 'of a string' });
      transport.say({ id: 1, result: 'first' });
      transport.say({ id: 1, error: { code: 1, message: 'second' } });

      expect(await call).to.equal('first');
      expect(problems.strayReplies).to.equal(3);
    });

    it('continues reading if a listener throws, and reports it', () => {
      start({
        onNotification: ({ method }) => {
          log.push(method);
          throw new Error('a bug of the listener');
        },
      });

      transport.say({ method: 'one' });
      transport.say({ method: 'two' });

      expect(log).to.deep.equal(['one', 'two']);
      expect(problems.listenerErrors).to.equal(2);
    });

    it('reads mutated lines without throwing, and still answers the next call', async function () {
      this.timeout(60_000);
      start();
      const message = fc.record(
        {
          id: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.string(), fc.constant(null)),
          method: fc.oneof(fc.constantFrom('turn/started', 'nope', '__proto__'), fc.jsonValue()),
          params: fc.jsonValue(),
          result: fc.jsonValue(),
          error: fc.jsonValue(),
        },
        { requiredKeys: [] },
      );
      const line = fc.oneof(
        message.map((value) => JSON.stringify(value)),
        fc.tuple(message, fc.nat(60)).map(([value, at]) => JSON.stringify(value).slice(0, at)),
        fc.string({ unit: 'binary' }),
      );

      fc.assert(
        fc.property(line, (text) => {
          transport.say(text);
        }),
        { numRuns: scaled(10_000, 1500) },
      );
      const call = peer.request('m', {}, patient);
      transport.say({ id: 1, result: 'alive' });

      expect(await call).to.equal('alive');
    });
  });

  describe('reply', () => {
    it('writes the result under the id of the request', async () => {
      start();

      await peer.reply(0, { result: { decision: 'decline' } });
      await peer.reply('x', { error: { code: -32601, message: 'no' } });

      expect(transport.sent).to.deep.equal([
        { id: 0, result: { decision: 'decline' } },
        { id: 'x', error: { code: -32601, message: 'no' } },
      ]);
    });

    it('ignores a closed connection', async () => {
      start();
      transport.accept = async () => Promise.reject(gone);

      await peer.reply(0, { result: {} });
      transport.break(gone);
      await peer.reply(1, { result: {} });

      expect(transport.sent).to.have.length(1);
    });
  });

  describe('fail', () => {
    it('reports the end once, with the first error', () => {
      start();
      const first = new TransportError('first', { code: 'closed' });

      peer.fail(first);
      transport.break(gone);

      expect(log).to.deep.equal([first]);
    });
  });
});
