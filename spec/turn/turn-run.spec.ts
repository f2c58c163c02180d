import { expect } from 'chai';
import fc from 'fast-check';
import { ThreadOptions } from '../../lib/options/thread-options.js';
import type { ServerNotification } from '../../lib/protocol/index.js';
import { ContinuationToken } from '../../lib/record/continuation-token.js';
import { Redactor } from '../../lib/redaction.js';
import type { TurnEvent } from '../../lib/turn/turn-events.js';
import { TurnRun } from '../../lib/turn/turn-run.js';
import type { AgentMessage } from '../../lib/turn/final-response.js';
import { failure } from '../outcomes.js';

function running(): TurnRun {
  const run = new TurnRun([], {}, ThreadOptions.none);
  run.begin({
    threadId: 't',
    turnId: 'u',
    isNewThread: false,
    usageBefore: null,
    continuation: ContinuationToken.issue({ threadId: 't', turnId: 'u' }),
    labels: {},
    model: 'gpt-5.5',
    modelProvider: 'openai',
    redactor: new Redactor(),
  });
  return run;
}

function ended(turn: object): ServerNotification {
  return { method: 'turn/completed', params: { threadId: 't', turn } } as ServerNotification;
}

describe('TurnRun', () => {
  for (const [what, turn] of Object.entries({
    'items that are not an array': { id: 'u', status: 'completed', items: null },
    'an invalid item': { id: 'u', status: 'completed', items: [null] },
    'an invalid error': { id: 'u', status: 'failed', items: [], error: { message: 7 } },
    'an unknown status': { id: 'u', status: 'faulty', items: [] },
  }))
    it(`ends with a typed error if its end contains ${what}`, async () => {
      const run = running();

      run.accept(ended(turn));
      const events = [await run.stream.next(), await failure(run.stream.next())];

      expect(run.state).to.equal('failed');
      expect(await failure(run.outcome)).to.include({ code: 'malformed-message' });
      expect(events).to.deep.equal([
        { done: false, value: { type: 'turn.started', threadId: 't', turnId: 'u' } },
        await failure(run.outcome),
      ]);
    });
});

/** The messages of codex-rs about one agent message. */
interface Told {
  readonly id: string;
  /** The text of its start; null without a start. */
  readonly start: string | null;
  readonly deltas: readonly string[];
  /** Its final text; `true` if that equals the streamed text, null if it never completes. */
  readonly final: string | true | null;
  readonly phase: AgentMessage['phase'];
  /** Whether its end is reported separately, only with the end of the turn, or by both. */
  readonly by: 'item' | 'turn' | 'both';
}

const told = (id: string): fc.Arbitrary<Told> =>
  fc.record({
    id: fc.constant(id),
    start: fc.constantFrom(null, '', 'Start. '),
    deltas: fc.array(fc.string({ maxLength: 4 }), { maxLength: 5 }),
    final: fc.oneof(fc.constantFrom(true as const, null), fc.string()),
    phase: fc.constantFrom('final_answer', 'commentary', null),
    by: fc.constantFrom('item', 'turn', 'both'),
  });

function streamed({ start, deltas }: Told): string {
  return (start ?? '') + deltas.join('');
}

/** A message that never completes is not in the history. */
function finalOf(message: Told): string {
  return message.final === true ? streamed(message) : (message.final ?? '');
}

function item(message: Told, text: string): AgentMessage {
  return { type: 'agentMessage', id: message.id, text, phase: message.phase } as AgentMessage;
}

/** The notifications of one message, in their order. */
function linesOf(message: Told): ServerNotification[] {
  const params = { threadId: 't', turnId: 'u' };
  const lines = [
    ...(message.start === null
      ? []
      : [{ method: 'item/started', params: { ...params, item: item(message, message.start) } }]),
    ...message.deltas.map((delta) => ({
      method: 'item/agentMessage/delta',
      params: { ...params, itemId: message.id, delta },
    })),
    ...(message.final === null || message.by === 'turn'
      ? []
      : [
          {
            method: 'item/completed',
            params: { ...params, item: item(message, finalOf(message)) },
          },
        ]),
  ];
  return lines as ServerNotification[];
}

/** The text shown by a reader that applies every event. */
function applied(events: readonly TurnEvent[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (event.type === 'text.delta') texts[event.itemId] = (texts[event.itemId] ?? '') + event.text;
    if (event.type === 'text.replaced') texts[event.itemId] = event.text;
  }
  return texts;
}

describe('All events of a turn', () => {
  it('produce the canonical text when applied in order, for any messages and any speed of reading', async () => {
    const scenario = fc.record({
      messages: fc.tuple(told('a'), told('b'), told('c')),
      // The next sender, and whether the reader requests an event before it.
      schedule: fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 24 }),
    });

    await fc.assert(
      fc.asyncProperty(scenario, async ({ messages, schedule }) => {
        const run = running();
        const reads: Promise<IteratorResult<TurnEvent, undefined>>[] = [];
        const lines = messages.map(linesOf);
        for (const [speaker, isRead] of schedule) {
          if (isRead) reads.push(run.stream.next());
          const line = lines[speaker]?.shift();
          if (line !== undefined) run.accept(line);
        }
        for (const line of lines.flat()) run.accept(line);
        const atTheEnd = messages.filter(({ final, by }) => final !== null && by !== 'item');
        const items = atTheEnd.map((message) => item(message, finalOf(message)));
        run.accept(ended({ id: 'u', status: 'completed', items }));
        const events: TurnEvent[] = [];
        for (const read of reads) {
          const { done, value } = await read;
          if (done !== true) events.push(value);
        }
        for (let next = await run.stream.next(); next.done !== true; next = await run.stream.next())
          events.push(next.value);

        const result = await run.outcome;
        for (const message of messages)
          expect(applied(events)[message.id] ?? '').to.equal(finalOf(message));
        const completed = events.flatMap((event) =>
          event.type === 'item.completed' ? [event.item.id] : [],
        );
        expect(result.items.map(({ id }) => id)).to.deep.equal(completed);
        expect([...completed].sort()).to.deep.equal(
          messages.filter(({ final }) => final !== null).map(({ id }) => id),
        );
        expect(events.at(-1)?.type).to.equal('turn.completed');
      }),
    );
  });
});
