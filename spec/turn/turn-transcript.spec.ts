import { expect } from 'chai';
import fc from 'fast-check';
import type { ServerNotification, ThreadItem } from '../../lib/protocol/index.js';
import { Redactor } from '../../lib/redaction.js';
import type { TurnEvent } from '../../lib/turn/turn-events.js';
import { TurnStream } from '../../lib/turn/turn-stream.js';
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

/** What a reader shows who applies every event. */
function rendered(events: readonly TurnEvent[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (event.type === 'text.delta') texts[event.itemId] = (texts[event.itemId] ?? '') + event.text;
    if (event.type === 'text.replaced') texts[event.itemId] = event.text;
  }
  return texts;
}

describe('TurnTranscript', () => {
  it('gives the canonical text for any mix of deltas and completed items', () => {
    const scenario = fc.record({
      start: fc.boolean(),
      deltas: fc.array(fc.string(), { maxLength: 6 }),
      final: fc.option(fc.string(), { nil: null }),
    });

    fc.assert(
      fc.property(fc.array(scenario, { minLength: 1, maxLength: 4 }), (messages) => {
        const subject = transcript();
        const events = messages.flatMap(({ start, deltas, final }, index) => {
          const id = `m${index}`;
          const wire = [
            ...(start ? [started(message(id, ''))] : []),
            ...deltas.map((text) => delta(id, text)),
            completed(message(id, final ?? deltas.join(''))),
          ];
          return wire.flatMap((notification) => subject.accept(notification));
        });

        messages.forEach(({ deltas, final }, index) => {
          expect(rendered(events)[`m${index}`] ?? '').to.equal(final ?? deltas.join(''));
        });
      }),
    );
  });

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

describe('TurnStream', () => {
  const piece = (text: string): TurnEvent => ({
    type: 'text.delta',
    itemId: 'm',
    text,
    phase: null,
  });

  it('joins the deltas that wait for a slow reader, and loses nothing', async () => {
    const stream = new TurnStream();
    for (let index = 0; index < 1000; index += 1) stream.push(piece(String(index % 10)));
    stream.end();

    const first = await stream.next();

    expect(first.value).to.deep.include({ text: '0123456789'.repeat(100) });
    expect(await stream.next()).to.deep.equal({ done: true, value: undefined });
  });

  it('does not join deltas of two items', async () => {
    const stream = new TurnStream();
    stream.push(piece('a'));
    stream.push({ type: 'text.delta', itemId: 'other', text: 'b', phase: null });

    expect((await stream.next()).value).to.deep.include({ text: 'a' });
    expect((await stream.next()).value).to.deep.include({ text: 'b' });
  });

  it('throws its error once, after what waits', async () => {
    const stream = new TurnStream();
    const error = new Error('gone');
    stream.push(piece('a'));
    stream.end({ error });

    expect((await stream.next()).value).to.deep.include({ text: 'a' });
    expect(await stream.next().catch((reason: unknown) => reason)).to.equal(error);
    expect((await stream.next()).done).to.equal(true);
  });

  it('wakes a reader that waits', async () => {
    const stream = new TurnStream();
    const next = stream.next();
    stream.push(piece('a'));

    expect((await next).value).to.deep.include({ text: 'a' });
  });
});
