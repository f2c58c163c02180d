import { expect } from 'chai';
import { ReaderQueue } from '../../lib/reader-queue.js';
import type { TurnEvent } from '../../lib/turn/turn-events.js';
import { mergeEvent } from '../../lib/turn/merged-events.js';

function piece(text: string, itemId = 'm'): TurnEvent {
  return { type: 'text.delta', itemId, text, phase: null };
}

function output(text: string, itemId: string): TurnEvent {
  return { type: 'command.output', itemId, text };
}

function thought(text: string, index: number): TurnEvent {
  return { type: 'reasoning.delta', itemId: 'r', text, part: 'summary', index };
}

function ofSubagent(delta: string, itemId: string): TurnEvent {
  const params = { threadId: 's', turnId: 'u', itemId, delta };
  return { type: 'subagent.event', threadId: 's', method: 'item/agentMessage/delta', params };
}

/** The events for a reader that starts after everything was sent. */
async function late(...events: readonly TurnEvent[]): Promise<TurnEvent[]> {
  const stream = new ReaderQueue<TurnEvent>(mergeEvent);
  for (const event of events) stream.push(event);
  stream.end();
  const read: TurnEvent[] = [];
  for (let next = await stream.next(); next.done !== true; next = await stream.next())
    read.push(next.value);
  return read;
}

describe('The buffered events of a turn', () => {
  it('join deltas for a slow reader without a loss', async () => {
    const digits = Array.from({ length: 1000 }, (_, index) => piece(String(index % 10)));

    expect(await late(...digits)).to.deep.equal([piece('0123456789'.repeat(100))]);
  });

  it('join the interleaved deltas of several items separately', async () => {
    const mixed = Array.from({ length: 1000 }, (_, index) =>
      index % 2 === 0 ? output('a', 'one') : output('b', 'two'),
    );

    expect(await late(...mixed)).to.deep.equal([
      output('a'.repeat(500), 'one'),
      output('b'.repeat(500), 'two'),
    ]);
  });

  it('join only deltas of the same part of the reasoning', async () => {
    expect(await late(thought('a', 0), thought('b', 1), thought('c', 1))).to.deep.equal([
      thought('a', 0),
      thought('bc', 1),
    ]);
  });

  it('join the deltas of a sub-agent, too', async () => {
    expect(
      await late(ofSubagent('a', 'x'), ofSubagent('b', 'x'), ofSubagent('c', 'y')),
    ).to.deep.equal([ofSubagent('ab', 'x'), ofSubagent('c', 'y')]);
  });

  it('do not move a delta past an event of another kind', async () => {
    const plan: TurnEvent = { type: 'plan.updated', explanation: null, plan: [] };
    const replaced: TurnEvent = { type: 'text.replaced', itemId: 'm', text: 'x', phase: null };

    expect(await late(piece('a'), plan, piece('b'), replaced, piece('c'))).to.deep.equal([
      piece('a'),
      plan,
      piece('b'),
      replaced,
      piece('c'),
    ]);
  });

  it('keep only the latest diff for a slow reader, because each covers the whole turn', async () => {
    const diff = (text: string): TurnEvent => ({ type: 'turn.diff', diff: text });

    expect(await late(diff('1'), piece('a'), diff('12'), piece('b'), diff('123'))).to.deep.equal([
      piece('a'),
      piece('b'),
      diff('123'),
    ]);
  });
});
