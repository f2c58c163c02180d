import type { BaseEvent, Event } from '@ag-ui/core';
import { EventSchemas } from '@ag-ui/core/schemas';
import { EventEncoder } from '@ag-ui/encoder';
import { expect } from 'chai';
import {
  toAgUiResponse,
  toAgUiStream,
  type AgUiEvent,
  type AgUiOptions,
} from '../../lib/ag-ui/index.js';
import {
  CodexError,
  QueuedApprovals,
  type Codex,
  type Thread,
  type Turn,
} from '../../lib/index.js';
import { event, Gate, ScriptedReply, stubThread } from '../../lib/testing/index.js';
import { askingThread, escalated } from '../asking-thread.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('toAgUiStream', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function thread(): Thread {
    return askingThread(codex, offline.home.path);
  }

  /** All events of a turn, each validated by AG-UI. */
  async function eventsOf(turn: Turn<unknown>, options: AgUiOptions = {}): Promise<AgUiEvent[]> {
    const events: AgUiEvent[] = [];
    for await (const given of toAgUiStream(turn, options)) {
      EventSchemas.parse(given);
      events.push(given);
    }
    return events;
  }

  const namesOf = (events: readonly AgUiEvent[]): readonly string[] =>
    events.map((given) => (given.type === 'CUSTOM' ? given.name : given.type));

  function only<Type extends AgUiEvent['type']>(
    events: readonly AgUiEvent[],
    type: Type,
  ): readonly Extract<AgUiEvent, { type: Type }>[] {
    return events.filter((given) => given.type === type) as Extract<AgUiEvent, { type: Type }>[];
  }

  it('has text, reasoning, a tool call and its usage', async () => {
    offline.model.reply(
      ScriptedReply.reasoning('Look first')
        .message('I look.', { phase: 'commentary' })
        .shellCommand('echo 3 tests'),
      ScriptedReply.deltas('Three ', 'tests.'),
    );

    const events = await eventsOf(thread().runStreamed('How many?'));

    // Consecutive pieces of a text may arrive as one.
    const names = namesOf(events).filter(
      (name, index, all) => name !== 'codex.command.output' && name !== all[index - 1],
    );
    expect(names).to.deep.equal([
      'RUN_STARTED',
      'REASONING_START',
      'REASONING_MESSAGE_START',
      'REASONING_MESSAGE_CONTENT',
      'REASONING_MESSAGE_END',
      'REASONING_END',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'TOOL_CALL_START',
      'TOOL_CALL_ARGS',
      'TOOL_CALL_END',
      'TOOL_CALL_RESULT',
      'codex.usage',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'codex.usage',
      'RUN_FINISHED',
    ]);
    const [call] = only(events, 'TOOL_CALL_START');
    const [args] = only(events, 'TOOL_CALL_ARGS');
    const [result] = only(events, 'TOOL_CALL_RESULT');
    expect(call?.toolCallName).to.equal('command');
    expect(JSON.parse(args?.delta ?? '')).to.have.property('workingDirectory', offline.home.path);
    expect(JSON.parse(result?.content ?? '')).to.include({ output: '3 tests\n', exitCode: 0 });
    expect(result?.metadata.codex.state).to.equal('done');
    const [end] = only(events, 'RUN_FINISHED');
    expect(end?.outcome).to.deep.equal({ type: 'success' });
    expect(end?.usage?.[0]).to.include({ totalTokens: 30 });
  });

  it('has the ids of the client’s run, and those of codex-rs beside them', async () => {
    offline.model.reply(ScriptedReply.message('Hello.'));
    const own = thread();
    const turn = own.runStreamed('Hello');

    const [start, ...events] = await eventsOf(turn, { run: { threadId: 't-1', runId: 'r-1' } });

    const { threadId } = own;
    expect(start).to.deep.include({ type: 'RUN_STARTED', threadId: 't-1', runId: 'r-1' });
    expect(start).to.have.deep.nested.property('metadata.codex', { threadId, turnId: turn.turnId });
    expect(events.at(-1)).to.include({ type: 'RUN_FINISHED', threadId: 't-1', runId: 'r-1' });
  });

  it('announces a queued approval, without labels, and its decision', async () => {
    offline.model.reply(
      ScriptedReply.shellCommand('echo deployed', escalated),
      ScriptedReply.message('I may not.'),
    );
    using approvals = new QueuedApprovals({ timeoutMs: 60_000 });
    const turn = thread().clone({ options: { approvals } }).runStreamed('Deploy');

    const events: AgUiEvent[] = [];
    for await (const given of toAgUiStream(turn, { approvals })) {
      events.push(given);
      EventSchemas.parse(given);
      if (given.type === 'CUSTOM' && given.name === 'codex.approval.requested')
        approvals.decide(given.value.id, { decision: 'deny', reason: 'not today' });
    }

    const values = only(events, 'CUSTOM').filter(({ name }) => name.startsWith('codex.approval'));
    expect(values.map(({ name }) => name)).to.deep.equal([
      'codex.approval.requested',
      'codex.approval.resolved',
    ]);
    expect(values[0]).to.have.nested.property('value.request.kind', 'command');
    expect(values[0]).not.to.have.nested.property('value.request.labels');
    expect(values[1]?.value).to.include({ decision: 'deny', reason: 'not today' });
  });

  it('ends as cancelled if the turn is interrupted', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('Endless').gate(gate));
    const turn = thread().runStreamed('Run');
    const events: AgUiEvent[] = [];

    for await (const given of toAgUiStream(turn)) {
      events.push(given);
      if (given.type === 'TEXT_MESSAGE_CONTENT') await turn.interrupt();
    }
    gate.open();

    expect(namesOf(events).slice(-2)).to.deep.equal(['TEXT_MESSAGE_END', 'RUN_FINISHED']);
    expect(events.at(-1)).to.deep.include({ outcome: { type: 'cancelled' } });
  });

  it('interrupts the turn when the stream is cancelled', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('Endless').gate(gate));
    const turn = thread().runStreamed('Run');
    const reader = toAgUiStream(turn).getReader();
    await reader.read();
    await gate.reached;

    await reader.cancel();
    gate.open();

    expect(turn.status).to.equal('interrupted');
  });

  it('ends with an error if the turn fails', async () => {
    offline.model.reply(ScriptedReply.failed('invalid_prompt', 'Not like this.'));

    const events = await eventsOf(thread().runStreamed('Run'));

    expect(events.at(-1)).to.include({ type: 'RUN_ERROR', code: 'turn-failed' });
    expect(events.at(-1)).to.have.property('message').that.includes('Not like this.');
  });

  it('does not name paths to the client if the turn cannot start', async () => {
    await using broken = offline.client({ codexPath: '/secret/place/codex' });

    const events = await eventsOf(broken.startThread().runStreamed('Run'));

    expect(events).to.deep.equal([
      {
        type: 'RUN_ERROR',
        message: 'The turn could not be run (codex-not-found).',
        code: 'codex-not-found',
      },
    ]);
  });

  it('lets the caller choose the text of an error', async () => {
    await using broken = offline.client({ codexPath: '/secret/place/codex' });

    const events = await eventsOf(broken.startThread().runStreamed('Run'), {
      onError: () => 'Try again later.',
    });

    expect(events.at(-1)).to.have.property('message', 'Try again later.');
  });

  it('refuses a turn whose events were already requested', () => {
    const turn = thread().runStreamed('Run');
    toAgUiStream(turn);

    expect(() => toAgUiStream(turn))
      .to.throw(CodexError)
      .with.property('code', 'already-read');
  });

  describe('of a turn from a script', () => {
    /** The events of AG-UI for these of a turn. */
    async function converted(
      ...events: readonly ReturnType<typeof event>[]
    ): Promise<readonly AgUiEvent[]> {
      const { thread: stub } = stubThread({ turns: [{ events }] });
      return eventsOf(stub.runStreamed('Go'));
    }

    it('has the plan and the diff as activities of one message each', async () => {
      const plan = [{ step: 'Look', status: 'completed' as const }];

      const events = await converted(
        event('plan.updated', { explanation: null, plan }),
        event('turn.diff', { diff: '--- a\n+++ b' }),
      );

      const activities = only(events, 'ACTIVITY_SNAPSHOT');
      expect(activities.map(({ activityType }) => activityType)).to.deep.equal([
        'codex.plan',
        'codex.diff',
      ]);
      expect(activities[0]?.content).to.deep.equal({ explanation: null, plan });
      expect(activities[1]?.content).to.deep.equal({ diff: '--- a\n+++ b' });
    });

    it('ends a text that was replaced, and reports the replacement', async () => {
      const [itemId, phase] = ['message-1', null];

      const events = await converted(
        event('text.delta', { itemId, text: 'I beg', phase }),
        event('text.replaced', { itemId, text: '', phase }),
      );

      expect(namesOf(events).slice(1, 5)).to.deep.equal([
        'TEXT_MESSAGE_START',
        'TEXT_MESSAGE_CONTENT',
        'TEXT_MESSAGE_END',
        'codex.text.replaced',
      ]);
    });

    it('has notices of retries, warnings and connections', async () => {
      const events = await converted(
        event('turn.retrying', { message: 'Reconnecting... 1/5' }),
        event('warning', { message: 'Unknown model' }),
        event('connection.lost', { message: 'gone' }),
        event('connection.restored', { lostMs: 5 }),
      );

      const kinds = only(events, 'CUSTOM').flatMap((given) =>
        given.name === 'codex.notice' ? [given.value.kind] : [],
      );
      expect(kinds).to.deep.equal([
        'turn.retrying',
        'warning',
        'connection.lost',
        'connection.restored',
      ]);
    });
  });

  it('is typed as the events of AG-UI', () => {
    type Named<E> = E extends { type: infer T extends string }
      ? Omit<E, 'type'> & { type: `${T}` }
      : never;
    type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
    const widened = (given: AgUiEvent): DeepReadonly<Named<Event>> => given;

    expect(widened).to.be.a('function');
  });
});

describe('toAgUiResponse', function () {
  this.timeout(20_000);

  it('has the encoding of AG-UI', async () => {
    const [{ thread }, { thread: same }] = [
      stubThread({ turns: ['Hello.'] }),
      stubThread({ turns: ['Hello.'] }),
    ];
    const run = { threadId: 't', runId: 'r' };

    const response = toAgUiResponse(thread.runStreamed('Go'), { run });
    const text = await response.text();

    const encoder = new EventEncoder();
    let expected = '';
    for await (const given of toAgUiStream(same.runStreamed('Go'), { run }))
      expected += encoder.encodeSSE(given as unknown as BaseEvent);
    expect(response.headers.get('content-type')).to.equal(encoder.getContentType());
    expect(expected).to.include('RUN_FINISHED');
    expect(withoutIds(text)).to.equal(withoutIds(expected));
  });
});

/** The text without the ids of turns and items. */
function withoutIds(text: string): string {
  return text.replace(/"(messageId|turnId)":"[^"]*"/g, '"$1":""');
}
