import { expect } from 'chai';
import type { ServerNotification, ThreadItem } from '../../lib/protocol/index.js';
import { Redactor } from '../../lib/redaction.js';
import type { AgentMessage } from '../../lib/turn/final-response.js';
import { TurnTranscript } from '../../lib/turn/turn-transcript.js';

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

function transcript(): TurnTranscript {
  return new TurnTranscript(null, new Redactor());
}

describe('TurnTranscript', () => {
  it('adds what the deltas left out as one more delta', () => {
    const subject = transcript();
    subject.accept(delta('m', 'Hel'));

    expect(subject.accept(completed(message('m', 'Hello')))[0]).to.deep.equal({
      type: 'text.delta',
      itemId: 'm',
      text: 'lo',
      phase: null,
    });
  });

  it('corrects what the deltas got wrong', () => {
    const subject = transcript();
    subject.accept(delta('m', 'Hallo'));

    expect(subject.accept(completed(message('m', 'Hello')))[0]).to.deep.include({
      type: 'text.replaced',
      text: 'Hello',
    });
  });

  it('tells once of an item that the wire tells of twice', () => {
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

  it('keeps the items in the order in which they completed, each once', () => {
    const subject = transcript();
    [message('b', '2'), message('a', '1'), message('b', '2')].forEach((item) =>
      subject.accept(completed(item)),
    );

    expect(subject.items.map(({ id }) => id)).to.deep.equal(['b', 'a']);
  });

  it('hands on what it does not know', () => {
    const odd = { method: 'turn/sparkled', params: { turnId: 'u', glitter: 1 } };

    expect(transcript().accept(odd as never)).to.deep.equal([{ type: 'unknown', ...odd }]);
  });

  describe('finalResponse', () => {
    function finalOf(...items: readonly AgentMessage[]): string | null {
      const subject = transcript();
      items.forEach((item) => subject.accept(completed(item)));
      return subject.finalResponse;
    }

    it('is the last final answer', () => {
      const answer = finalOf(
        message('1', 'early', 'final_answer'),
        message('2', 'late', 'final_answer'),
        message('3', 'chat', 'commentary'),
      );

      expect(answer).to.equal('late');
    });

    it('is the final answer even when a message without a phase follows', () => {
      expect(finalOf(message('1', 'answer', 'final_answer'), message('2', 'more'))).to.equal(
        'answer',
      );
    });

    it('is the last message without a phase when there is no final answer', () => {
      expect(
        finalOf(message('1', 'a'), message('2', 'b'), message('3', 'c', 'commentary')),
      ).to.equal('b');
    });

    it('is null when there is only commentary', () => {
      expect(finalOf(message('1', 'thinking', 'commentary'))).to.equal(null);
    });
  });
});
