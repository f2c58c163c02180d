import { expect } from 'chai';
import type { ServerNotification, ThreadItem } from '../../lib/protocol/index.js';
import { Redactor } from '../../lib/redaction.js';
import type { AgentMessage } from '../../lib/turn/final-response.js';
import { TurnTranscript } from '../../lib/turn/turn-transcript.js';
import { breakdown, type TurnUsage } from '../../lib/turn/usage.js';

function message(id: string, text: string, phase: AgentMessage['phase'] = null): AgentMessage {
  return {
    type: 'agentMessage',
    id,
    text,
    phase,
    moderation: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  };
}

function started(item: ThreadItem): ServerNotification {
  return {
    method: 'item/started',
    params: { item, threadId: 't', turnId: 'u', startedAtMs: 0 },
  };
}

function completed(item: ThreadItem): ServerNotification {
  return {
    method: 'item/completed',
    params: { item, threadId: 't', turnId: 'u', completedAtMs: 0 },
  };
}

function delta(itemId: string, text: string): ServerNotification {
  return {
    method: 'item/agentMessage/delta',
    params: { threadId: 't', turnId: 'u', itemId, delta: text },
  };
}

function usage(total: TurnUsage, last: TurnUsage): ServerNotification {
  return {
    method: 'thread/tokenUsage/updated',
    params: { threadId: 't', turnId: 'u', tokenUsage: { total, last, modelContextWindow: null } },
  };
}

function transcript(): TurnTranscript {
  return new TurnTranscript(null, new Redactor());
}

describe('TurnTranscript', () => {
  it('adds text missing from the deltas as one more delta', () => {
    const subject = transcript();
    subject.accept(delta('m', 'Hel'));

    expect(subject.accept(completed(message('m', 'Hello')))[0]).to.deep.equal({
      type: 'text.delta',
      itemId: 'm',
      text: 'lo',
      phase: null,
    });
  });

  it('corrects wrong deltas', () => {
    const subject = transcript();
    subject.accept(delta('m', 'Hallo'));

    expect(subject.accept(completed(message('m', 'Hello')))[0]).to.deep.include({
      type: 'text.replaced',
      text: 'Hello',
    });
  });

  it('reports an item once if it is received twice', () => {
    const subject = transcript();
    const wire = [started(message('m', '')), completed(message('m', 'Hello'))];

    const events = [...wire, ...wire, delta('m', 'Hel')].flatMap((notification) =>
      subject.accept(notification),
    );

    expect(events.map(({ type }) => type)).to.deep.equal([
      'item.started',
      'text.delta',
      'item.completed',
    ]);
  });

  it('reports another message to which a provider gives the same id', () => {
    const subject = transcript();
    const wire = [completed(message('m', 'First')), completed(message('m', 'Second'))];

    const events = wire.flatMap((notification) => subject.accept(notification));

    expect(events.flatMap((event) => (event.type === 'text.delta' ? event.text : []))).to.eql([
      'First',
      'Second',
    ]);
    expect(subject.finalResponse).to.equal('Second');
  });

  it('adds text missing from the deltas of the reasoning, part by part', () => {
    const subject = transcript();
    const whole: ThreadItem = { type: 'reasoning', id: 'r', summary: ['One', 'Two'], content: [] };
    subject.accept({
      method: 'item/reasoning/summaryTextDelta',
      params: { threadId: 't', turnId: 'u', itemId: 'r', delta: 'On', summaryIndex: 0 },
    });

    const events = [completed(whole), completed(whole)].flatMap((each) => subject.accept(each));

    expect(events).to.deep.equal([
      { type: 'reasoning.delta', itemId: 'r', part: 'summary', index: 0, text: 'e' },
      { type: 'reasoning.delta', itemId: 'r', part: 'summary', index: 1, text: 'Two' },
      { type: 'item.completed', item: whole },
    ]);
  });

  it('keeps the items in the order in which they completed, each once', () => {
    const subject = transcript();
    [message('b', '2'), message('a', '1'), message('b', '2')].forEach((item) =>
      subject.accept(completed(item)),
    );

    expect(subject.items.map(({ id }) => id)).to.deep.equal(['b', 'a']);
  });

  it('passes unknown notifications through', () => {
    const odd = { method: 'turn/sparkled', params: { turnId: 'u', glitter: 1 } };

    expect(transcript().accept(odd as never)).to.deep.equal([{ type: 'unknown', ...odd }]);
  });

  describe('finalResponse', () => {
    function finalOf(...items: readonly AgentMessage[]): string | null {
      const subject = transcript();
      items.forEach((item) => subject.accept(completed(item)));
      return subject.finalResponse;
    }

    // f: a final answer, c: commentary, -: a message without a phase; numbered in order.
    for (const [phases, answer] of [
      ['', null],
      ['c', null],
      ['cc', null],
      ['-', '-0'],
      ['--', '-1'],
      ['-c', '-0'],
      ['c-c-c', '-3'],
      ['f', 'f0'],
      ['ff', 'f1'],
      ['f-', 'f0'],
      ['-f', 'f1'],
      ['fc', 'f0'],
      ['cfcf-c', 'f3'],
      ['f-c-', 'f0'],
    ] as const)
      it(`is ${answer ?? 'null'} of the messages "${phases}"`, () => {
        const named = { f: 'final_answer', c: 'commentary', '-': null } as const;
        const items = Array.from(phases, (phase, index) =>
          message(String(index), `${phase}${index}`, named[phase as keyof typeof named]),
        );

        expect(finalOf(...items)).to.equal(answer);
      });

    it('may be empty, which differs from null', () => {
      expect(finalOf(message('1', 'thinking'), message('2', '', 'final_answer'))).to.equal('');
    });

    it('ignores messages of an unknown phase', () => {
      const odd = message('2', 'odd', 'afterthought' as AgentMessage['phase']);

      expect(finalOf(message('1', 'answer'), odd)).to.equal('answer');
    });
  });

  describe('usage', () => {
    const zero = breakdown({});
    const tokens = (input: number, output: number): TurnUsage =>
      breakdown({ inputTokens: input, outputTokens: output, totalTokens: input + output });

    function after(
      before: TurnUsage | null,
      ...reports: readonly (readonly [total: TurnUsage, last: TurnUsage])[]
    ): readonly [turn: number | undefined, last: number | undefined, events: number] {
      const subject = new TurnTranscript(before, new Redactor());
      const events = reports.flatMap(([total, last]) => subject.accept(usage(total, last)));
      const { usage: spent, lastRequestUsage } = subject.spending;
      return [spent?.totalTokens, lastRequestUsage?.totalTokens, events.length];
    }

    it('is the increase in the total of the thread', () => {
      const reports = [
        [tokens(110, 10), tokens(10, 0)],
        [tokens(150, 20), tokens(40, 10)],
      ] as const;

      expect(after(tokens(100, 10), ...reports)).to.deep.equal([60, 50, 2]);
    });

    it('ignores a report that repeats an earlier one', () => {
      const report = [tokens(110, 10), tokens(10, 0)] as const;

      expect(after(tokens(100, 10), report, report)).to.deep.equal([10, 10, 1]);
      expect(after(tokens(110, 10), report)).to.deep.equal([undefined, undefined, 0]);
    });

    it('is that of the last request if the earlier total is unknown', () => {
      expect(after(null, [tokens(110, 10), tokens(10, 5)])).to.deep.equal([15, 15, 1]);
    });

    it('excludes the length of the thread, which a compaction reports as its last request', () => {
      const length = { ...zero, totalTokens: 7651 };

      expect(after(null, [tokens(110, 10), length])).to.deep.equal([undefined, undefined, 0]);
      expect(
        after(null, [tokens(110, 10), length], [tokens(120, 11), tokens(10, 1)]),
      ).to.deep.equal([11, 11, 1]);
    });

    it('restarts if the total becomes smaller', () => {
      expect(after(tokens(500, 50), [tokens(10, 1), tokens(10, 1)])).to.deep.equal([11, 11, 1]);
    });
  });
});
