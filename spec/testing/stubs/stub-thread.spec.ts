import { expect } from 'chai';
import { IsString } from 'class-validator';
import {
  CodexError,
  Thread,
  ThreadBusyError,
  TurnFailedError,
  TurnInterruptedError,
  type TurnEvent,
} from '../../../lib/index.js';
import {
  event,
  Gate,
  item,
  stubThread,
  turnError,
  turnResult,
} from '../../../lib/testing/index.js';
import { collected, failure } from '../../outcomes.js';

class Report {
  @IsString() summary!: string;
}

const types = (events: readonly TurnEvent[]): string[] => events.map(({ type }) => type);

describe('stubThread', () => {
  describe('the returned thread', () => {
    it('is a real, frozen thread', () => {
      const { thread } = stubThread({ labels: { team: 'payments' }, options: { model: 'm' } });

      expect(thread).to.be.instanceOf(Thread).and.to.be.frozen;
      expect(thread.labels.toJSON()).to.deep.equal({ team: 'payments' });
      expect(thread.threadOptions.model).to.equal('m');
      expect([thread.threadId, thread.continuation, thread.metadata]).to.deep.equal([
        null,
        null,
        null,
      ]);
      expect(thread.durability).to.equal('none');
    });

    it('gets its id with its first turn, and a new token with every turn', async () => {
      const { thread } = stubThread({ turns: ['One', 'Two'] });

      const [one, two] = [await thread.run('1'), await thread.run('2')];

      expect(thread.threadId).to.equal(one.threadId).and.to.equal(two.threadId);
      expect(thread.continuation?.turnId).to.equal(two.turnId).and.not.to.equal(one.turnId);
      expect(two.continuation).to.equal(thread.continuation);
      expect(thread.durability).to.equal('persisted');
    });

    it('has the given id, and shares turns with its clones', async () => {
      const threadId = '0199a213-81c0-7800-8aa1-bbab2a035a53';
      const { thread, calls } = stubThread({ threadId, turns: ['One'] });
      const clone = thread.clone({ options: { model: 'other' } });

      await clone.run('Hello');

      expect(thread.threadId).to.equal(threadId);
      expect(clone.equals(thread.clone({ options: { model: 'other' } }))).to.equal(true);
      expect(calls[0]?.threadOptions.model).to.equal('other');
      expect(JSON.parse(JSON.stringify(thread))).to.include({ threadId, version: 1 });
    });

    it('records the arguments of each call', async () => {
      const { thread, calls } = stubThread({ turns: ['One'] });
      const { signal } = new AbortController();

      await thread.run([{ type: 'text', text: 'Look' }], {
        options: { sandboxMode: 'read-only' },
        signal,
      });

      expect(calls).to.have.length(1);
      expect(calls[0]).to.deep.include({ text: 'Look', steered: [], wasInterrupted: false });
      expect(calls[0]?.options.signal).to.equal(signal);
      expect(calls[0]?.threadOptions.sandboxMode).to.equal('read-only');
    });

    it('refuses options like a real thread', async () => {
      const { thread } = stubThread({ turns: ['One'] });

      expect(await failure(thread.run('Hello', { modle: 'm' } as never))).to.be.instanceOf(
        CodexError,
      );
    });

    it('records actions, and refuses those that need codex-rs', async () => {
      const { thread, actions } = stubThread({ turns: ['One'] });
      await thread.setName('Mine');
      await thread.setLabels({ a: 'b' });
      await thread.archive();
      await thread.release();
      await thread.delete();

      const refused = [
        thread.fork(),
        thread.compact(),
        thread.read(),
        thread.revert({ before: 'x' }),
        collected(thread.turns()),
        collected(thread.items()),
        collected(thread.attachments()),
      ];

      for (const promise of refused)
        expect(await failure(promise)).to.include({ code: 'not-stubbed' });
      expect(actions).to.deep.equal(['setName', 'setLabels', 'archive', 'release', 'delete']);
    });
  });

  describe('a turn', () => {
    it('returns the given result, with accumulated usage', async () => {
      const items = [
        item('commandExecution', { command: 'ls', aggregatedOutput: 'a.txt' }),
        item('agentMessage', { text: 'I looked.', phase: 'commentary' }),
        item('agentMessage', { text: 'One file.', phase: 'final_answer' }),
      ];
      const { thread } = stubThread({
        turns: [
          'Hello',
          turnResult({ items, usage: { inputTokens: 100 }, modelContextWindow: 1000 }),
        ],
      });
      await thread.run('1');

      const turn = await thread.run('2');

      expect(turn).to.deep.include({
        finalResponse: 'One file.',
        commentary: ['I looked.'],
        durationMs: 1000,
      });
      expect(turn.items.map(({ id }) => id)).to.deep.equal(['call_1', 'msg_1', 'msg_2']);
      expect(turn.usage?.totalTokens).to.equal(105);
      expect(turn.threadUsage?.totalTokens).to.equal(120);
      expect([turn.lastRequestUsage?.inputTokens, turn.modelContextWindow]).to.deep.equal([
        100, 1000,
      ]);
      expect(turn).to.be.frozen;
    });

    it('produces the same events as a real turn', async () => {
      const { thread } = stubThread({ turns: ['A test fails.'] });

      expect(types(await collected(thread.runStreamed('Why?')))).to.deep.equal([
        'thread.started',
        'turn.started',
        'item.started',
        'text.delta',
        'item.completed',
        'usage.updated',
        'turn.completed',
      ]);
    });

    it('yields the given events, and returns the items they completed', async () => {
      const events = [
        event('text.delta', { text: 'A te' }),
        event('text.delta', { text: 'st.' }),
        event('item.completed', { item: item('agentMessage', { text: 'A test.' }) }),
      ];
      const { thread } = stubThread({ turns: [{ events }] });
      const turn = thread.runStreamed('Why?');

      let text = '';
      for await (const part of turn.textStream) text += part;

      expect(text).to.equal('A test.');
      expect((await turn.result()).finalResponse).to.equal('A test.');
    });

    it('parses and validates an output', async () => {
      const output = Object.assign(new Report(), { summary: 'Red.' });
      const { thread } = stubThread({ turns: [turnResult({ output }), '{"summary":7}'] });

      const turn = await thread.run('Report', { output: Report });

      expect(turn.output).to.be.instanceOf(Report).and.deep.include({ summary: 'Red.' });
      expect(await failure(thread.run('Report', { output: Report }))).to.include({
        code: 'invalid-output',
      });
    });

    it('ends with the given error', async () => {
      const error = new TurnFailedError({
        threadId: 't',
        turnId: 'u',
        items: [],
        error: turnError('slow down', 'rateLimitExceeded'),
      });
      const { thread } = stubThread({ turns: [error, new TypeError('No.')] });
      const turn = thread.runStreamed('1');

      const events: TurnEvent[] = [];
      const thrown = await failure(
        (async () => {
          for await (const event of turn) events.push(event);
        })(),
      );

      expect(thrown).to.equal(error);
      expect(types(events).at(-1)).to.equal('turn.failed');
      expect(turn.status).to.equal('failed');
      expect(await failure(thread.run('2'))).to.be.instanceOf(TypeError);
    });

    it('may be a function of the call', async () => {
      const { thread } = stubThread({
        turns: [async ({ text }) => Promise.resolve(text.toUpperCase())],
      });

      expect((await thread.run('Hello')).finalResponse).to.equal('HELLO');
    });

    it('can be steered and interrupted while it waits', async () => {
      const gate = new Gate();
      async function* waiting(): AsyncGenerator<TurnEvent> {
        yield event('text.delta', { text: 'I begin' });
        await gate.opened;
      }
      const { thread, calls } = stubThread({ turns: [{ events: waiting() }, 'Next'] });
      const turn = thread.runStreamed('Go');

      for await (const event of turn)
        if (event.type === 'text.delta') {
          expect(await turn.steer('Left')).to.deep.equal({ status: 'steered' });
          await turn.interrupt();
        }

      expect(await failure(turn.result())).to.be.instanceOf(TurnInterruptedError);
      expect(calls[0]).to.deep.include({ steered: ['Left'], wasInterrupted: true });
      expect(await turn.steer('Late')).to.deep.equal({ status: 'turnEnded' });
      expect((await thread.run('2')).finalResponse).to.equal('Next');
      gate.open();
    });

    it('is stopped by its signal', async () => {
      const { thread } = stubThread({ turns: [async () => new Promise<string>(() => undefined)] });
      const controller = new AbortController();
      const running = failure(thread.run('Go', { signal: controller.signal }));

      controller.abort(new Error('Enough.'));

      expect(await running).to.have.property('message', 'Enough.');
    });

    it('waits for previous turns, or is refused if it must not wait', async () => {
      const { thread, calls } = stubThread({ turns: ['One', 'Two'] });

      const both = await Promise.all([
        thread.run('1'),
        failure(thread.run('x', { whenBusy: 'reject' })),
        thread.run('2'),
      ]);

      expect([both[0].finalResponse, both[2].finalResponse]).to.deep.equal(['One', 'Two']);
      expect(both[1]).to.be.instanceOf(ThreadBusyError);
      expect(calls.map(({ text }) => text)).to.deep.equal(['1', '2']);
    });

    it('is refused if it was not scripted', async () => {
      const { thread } = stubThread({ turns: ['One'] });
      await thread.run('1');

      const error = await failure(thread.run('And now?'));

      expect(error).to.be.instanceOf(CodexError).and.include({ code: 'not-stubbed' });
      expect((error as Error).message).to.include(
        'The stub has 1 turns, but another one was started with "And now?"',
      );
    });

    it('can be scripted as interrupted', async () => {
      const stopped = new TurnInterruptedError({ threadId: 't', turnId: 'u', items: [] });
      const { thread } = stubThread({ turns: [stopped] });
      const turn = thread.runStreamed('Go');

      expect(types(await collected(turn)).at(-1)).to.equal('turn.interrupted');
      expect(await failure(turn.result())).to.be.instanceOf(TurnInterruptedError);
    });
  });
});
