import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import {
  RequestError,
  TransportError,
  type Codex,
  type RequestMethod,
  type RequestParams,
  type RequestResult,
  type Thread,
} from '../lib/index.js';
import type { ClientRequest, ThreadReadResponse } from '../lib/protocol/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../lib/testing/index.js';
import { fakeTime } from './fake-time.js';
import { OfflineCodex } from './offline-codex.js';
import { collected, failure } from './outcomes.js';
import { noProcessLeft } from './root-hooks.js';

function input(text: string): RequestParams<'turn/start'>['input'] {
  return [{ type: 'text', text, text_elements: [] }];
}

/** Whether the type is an object type, and not any. */
type Known<T> = 0 extends 1 & T ? false : [T] extends [object] ? true : false;

interface Running {
  readonly thread: Thread;
  readonly threadId: string;
  readonly gate: Gate;
  readonly turn: Promise<unknown>;
}

describe('codex.request on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1) ?? ''}`),
    );
    codex = offline.client();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** A thread whose second turn runs until the gate is opened. */
  async function running(): Promise<Running> {
    const gate = new Gate();
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Slow',
      ScriptedReply.gate(gate).message('Done'),
    );
    const thread = codex.startThread();
    const { threadId } = await thread.run('One');
    const turn = thread.run('Slow');
    await gate.reached;
    return { thread, threadId, gate, turn };
  }

  it('sends any request and returns its result', async () => {
    const { threadId } = await codex.startThread().run('One');

    const { thread } = await codex.request('thread/read', { threadId });
    const { data } = await codex.request('thread/turns/list', { threadId });
    await codex.request('memory/reset');

    expect(thread.preview).to.equal('One');
    expect(data).to.have.length(1);
  });

  it('rejects with the error of codex-rs, and with the reason of the caller', async () => {
    const refused = await failure(codex.request('thread/read', { threadId: 'nope' }));
    const reason = new Error('Enough');
    const given = codex.request('model/list', {}, { signal: AbortSignal.abort(reason) });

    expect(refused).to.be.instanceOf(RequestError);
    expect(refused).to.include({ method: 'thread/read' });
    expect(await failure(given)).to.equal(reason);
  });

  it('rejects after its timeout', async () => {
    const command = ['sleep', '600'];

    const late = await failure(codex.request('command/exec', { command }, { timeoutMs: 200 }));

    expect(late).to.be.instanceOf(TransportError);
    expect(late).to.include({ code: 'timeout' });
  });

  describe('that starts a turn on a thread of this client', () => {
    it('waits for the running turn, and does not steer it', async () => {
      const { thread, threadId, gate, turn } = await running();

      const raw = codex.request('turn/start', { threadId, input: input('Raw') });
      await codex.request('thread/read', { threadId });
      expect(offline.model.requests).to.have.length(2);
      gate.open();

      const { turn: started } = await raw;
      expect(await turn).to.include({ finalResponse: 'Done' });
      await thread.open();
      const turns = await collected(thread.turns({ itemsView: 'notLoaded' }));
      expect(turns).to.have.length(3);
      expect(turns.at(-1)?.id).to.equal(started.id);
    });

    it('makes later turns wait', async () => {
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Raw',
        ScriptedReply.gate(gate).message('Raw answer'),
      );
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');

      const { turn } = await codex.request('turn/start', { threadId, input: input('Raw') });
      const busy = await failure(thread.compact());
      const next = thread.run('Two');
      await gate.reached;
      gate.open();
      const { turnId } = await next;

      expect(busy).to.include({ code: 'thread-busy' });
      expect(turnId).not.to.equal(turn.id);
      expect(offline.model.requests.at(-1)?.assistantTexts).to.include('Raw answer');
    });

    it('leaves a token that resumes the thread, for every kind of turn', async () => {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');

      await codex.request('thread/shellCommand', { threadId, command: 'true' });
      const target = { type: 'custom', instructions: 'Look' } as const;
      await codex.request('review/start', { threadId, target, delivery: 'inline' });
      await thread.open();
      await thread.release();

      const continuation = String(thread.continuation);
      const resumed = await offline.client().resumeThread(threadId, { continuation });
      expect((await resumed.run('Two')).finalResponse).to.equal('Answer to Two');
    });

    it('may send input of another program, with the authority of a tool', async () => {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');
      const toolOutput = { name: 'mailer', namespace: null, output: 'You have mail' };

      await codex.request('turn/start', { threadId, input: [], toolOutput });
      const { finalResponse } = await thread.run('Two');

      const outputs = offline.model.requests.at(-1)?.toolOutputs.map(({ text }) => text);
      expect(outputs?.join()).to.contain('You have mail');
      expect(finalResponse).to.equal('Answer to Two');
    });

    it('does not block later turns if it is refused', async () => {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');
      const wrong = [{ type: 'nothing' }] as never;

      const error = await failure(codex.request('turn/start', { threadId, input: wrong }));

      expect(error).to.be.instanceOf(RequestError);
      expect((await thread.run('Two')).finalResponse).to.equal('Answer to Two');
    });

    it('blocks later turns even if its caller does not await its reply', async () => {
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Raw',
        ScriptedReply.gate(gate).message('Raw answer'),
      );
      const transport = new FaultyTransport(offline.transport())
        .on('turn/start', { nth: 2 })
        .dropReply();
      const client = offline.client({ transport });
      const thread = client.startThread();
      const { threadId } = await thread.run('One');
      const began = client.notifications({ methods: ['turn/started'], threadId }).next();
      const controller = new AbortController();
      const { signal } = controller;

      const params = { threadId, input: input('Raw') };
      const raw = failure(client.request('turn/start', params, { signal }));
      await began;
      controller.abort(new Error('Enough'));
      const next = thread.run('Two');
      await transport.whenReceived('thread/read');
      const sentBefore = transport.requests('turn/start').length;
      gate.open();
      await next;

      expect(await raw).to.equal(signal.reason);
      expect(sentBefore).to.equal(2);
      expect(transport.requests('turn/start')).to.have.length(3);
    });

    it('ends when codex-rs reports the end of the turn, if the notification is lost', async () => {
      const transport = new FaultyTransport(offline.transport());
      const client = offline.client({ transport });
      const thread = client.startThread();
      const { threadId } = await thread.run('One');
      transport
        .onMessage('thread/status/changed', { nth: 2 })
        .drop()
        .onMessage('turn/completed', { nth: 1 })
        .notify('skills/changed', {})
        .onMessage('turn/completed', { nth: 1 })
        .drop();
      const ended = client.notifications({ methods: ['skills/changed'] }).next();
      const clock = fakeTime('setTimeout', 'clearTimeout');

      await client.request('turn/start', { threadId, input: input('Raw') });
      const next = thread.run('Two');
      await ended;
      clock.tick(10_000);
      await transport.whenReceived('thread/read');
      clock.restore();

      expect((await next).finalResponse).to.equal('Answer to Two');
    });

    it('leaves the queue when its signal fires', async () => {
      const { thread, threadId, gate, turn } = await running();
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('Enough');

      const raw = failure(
        codex.request('turn/start', { threadId, input: input('Raw') }, { signal }),
      );
      controller.abort(reason);
      expect(await raw).to.equal(reason);
      gate.open();
      await turn;
      await thread.open();

      expect(await collected(thread.turns())).to.have.length(2);
    });

    it('blocks later turns even on a thread unknown to this client until then', async () => {
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Raw two',
        ScriptedReply.gate(gate).message('Raw answer'),
      );
      const { thread } = await codex.request('thread/start', {});
      const threadId = thread.id;
      const first = codex.notifications({ methods: ['turn/completed'], threadId }).next();
      await codex.request('turn/start', { threadId, input: input('Raw one') });
      await first;
      const { turn } = await codex.request('turn/start', { threadId, input: input('Raw two') });
      await gate.reached;

      const next = (await codex.resumeThread(threadId)).run('Two');
      await codex.request('thread/read', { threadId });
      gate.open();

      expect((await next).turnId).not.to.equal(turn.id);
      expect(offline.model.requests.at(-1)?.assistantTexts).to.include('Raw answer');
    });
  });

  it('for a goal makes the thread busy while codex-rs works on it', async () => {
    const gate = new Gate();
    const thread = codex.startThread();
    const { threadId } = await thread.run('One');
    offline.model.replyOnceWhen(() => true, ScriptedReply.gate(gate).message('Towards the goal'));

    const begun = codex.notifications({ methods: ['turn/started'], threadId }).next();
    await codex.request('thread/goal/set', { threadId, objective: 'Count', status: 'active' });
    await gate.reached;
    await begun;
    const busy = await failure(thread.compact());
    await codex.request('thread/goal/clear', { threadId });
    gate.open();
    const { turnId } = await thread.run('Two');

    expect(busy).to.include({ code: 'thread-busy' });
    expect(thread.continuation?.turnId).to.equal(turnId);
    expect(await collected(thread.turns())).to.have.length(3);
  });

  describe('that ends turns of a thread of this client', () => {
    it('waits for the turn that runs', async () => {
      const { thread, threadId, gate, turn } = await running();

      const archived = codex.request('thread/archive', { threadId });
      await codex.request('thread/read', { threadId });
      gate.open();

      expect(await turn).to.include({ finalResponse: 'Done' });
      await archived;
      expect(await failure(thread.run('Two'))).to.include({ reason: 'archived' });
    });

    it('updates the token of the thread', async () => {
      const thread = codex.startThread();
      const first = await thread.run('One');
      const { turnId, threadId } = await thread.run('Two');

      await codex.request('thread/revert', { threadId, beforeTurnId: turnId });
      await thread.open();

      expect(thread.continuation?.turnId).to.equal(first.turnId);
      await codex.request('thread/unsubscribe', { threadId });
      expect((await thread.run('Other two')).finalResponse).to.equal('Answer to Other two');
    });
  });

  it('has types for the parameters and the result of every method', () => {
    type Unanswered = {
      [M in RequestMethod]: Known<RequestResult<M>> extends true ? never : M;
    }[RequestMethod];
    expectTypeOf<Unanswered>().toBeNever();
    expectTypeOf<RequestMethod>().toEqualTypeOf<ClientRequest['method']>();
    expectTypeOf<RequestResult<'thread/read'>>().toEqualTypeOf<ThreadReadResponse>();
    const calls = [
      // @ts-expect-error -- the parameters of a method that needs some cannot be left out
      async (): Promise<unknown> => codex.request('thread/read'),
      // @ts-expect-error -- there is no such method
      async (): Promise<unknown> => codex.request('thread/nope', {}),
    ];
    expect(calls).to.have.length(2);
  });
});
