import { expect } from 'chai';
import {
  CodexError,
  TurnFailedError,
  TurnInterruptedError,
  type Codex,
  type Turn,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('A turn that is streamed from the real codex-rs', function () {
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

  /** A turn whose model has sent `half`, and continues only when the gate opens. */
  function halting(gate = new Gate()): Turn {
    offline.model.reply(ScriptedReply.deltas('half').gate(gate).deltas(' whole'));
    return codex.startThread().runStreamed('Go');
  }

  describe('before it is read', () => {
    it('is cold, regardless of how its streams are created', async () => {
      const sent = offline.model.requests.length;
      const thread = codex.startThread();
      const turns = [1, 2, 3, 4].map((number) => thread.runStreamed(String(number)));

      turns[0]?.toReadableStream();
      turns[1]?.[Symbol.asyncIterator]();
      turns[2]?.textStream[Symbol.asyncIterator]();
      await new Promise((resolve) => setImmediate(resolve));

      expect(turns.map(({ status, turnId }) => [status, turnId])).to.deep.equal(
        Array(4).fill(['pending', null]),
      );
      expect(thread.threadId).to.equal(null);
      expect(offline.model.requests).to.have.length(sent);
    });

    it('is not a promise: awaiting it returns the turn, and starts nothing', async () => {
      const turn = codex.startThread().runStreamed('Go');

      // eslint-disable-next-line @typescript-eslint/await-thenable -- that is what is asked
      expect(await turn).to.equal(turn);
      expect(turn.status).to.equal('pending');
    });

    it('can be cancelled, and then has no events and is never sent', async () => {
      const sent = offline.model.requests.length;
      const turn = codex.startThread().runStreamed('Go');

      const report = await turn.interrupt();

      expect(report).to.deep.equal({
        acknowledged: false,
        commandsEnded: 0,
        processRecycled: false,
      });
      expect(await collected(turn)).to.deep.equal([]);
      expect(await failure(turn.result()))
        .to.be.instanceOf(TurnInterruptedError)
        .with.property('turnId', null);
      expect(offline.model.requests).to.have.length(sent);
    });

    it('cannot be steered, even while it waits in the queue', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.gate(gate).message('First'), ScriptedReply.message('2nd'));
      const thread = codex.startThread();
      const first = thread.run('One');
      const cold = thread.runStreamed('Two');
      const queued = thread.runStreamed('Two');
      const second = queued.result();

      const errors = [await failure(cold.steer('No')), await failure(queued.steer('No'))];
      gate.open();
      await Promise.all([first, second]);

      for (const error of errors)
        expect(error).to.be.instanceOf(CodexError).with.property('code', 'turn-not-started');
    });
  });

  describe('its text', () => {
    it('arrives in pieces that add up to the final response', async () => {
      offline.model.reply(ScriptedReply.deltas('one ', 'two ', 'three'));
      const turn = codex.startThread().runStreamed('Count');

      const texts = await collected(turn.textStream);

      const { finalResponse, turnId } = await turn.result();
      expect(texts.join('')).to.equal('one two three').and.to.equal(finalResponse);
      expect([turn.status, turn.turnId]).to.deep.equal(['completed', turnId]);
    });

    it('arrives once and complete from a provider that sends only complete items', async () => {
      offline.model.reply(
        ScriptedReply.message('Let me look. ', { deltas: [], phase: 'commentary' })
          .reasoning('Look first', { deltas: [] })
          .message('A test fails.', { deltas: [], phase: 'final_answer' }),
      );
      const turn = codex.startThread().runStreamed('Go');

      const events = await collected(turn);

      const pieces = (type: 'text.delta' | 'reasoning.delta'): string[] =>
        events.flatMap((event) => (event.type === type ? event.text : []));
      expect(pieces('text.delta')).to.deep.equal(['Let me look. ', 'A test fails.']);
      expect(pieces('reasoning.delta')).to.deep.equal(['Look first']);
      expect(events.map(({ type }) => type)).not.to.include('text.replaced');
      expect(await turn.result()).to.include({ finalResponse: 'A test fails.' });
    });

    it('is completed if the provider streamed only its beginning', async () => {
      offline.model.reply(
        ScriptedReply.reasoning('Look first', { deltas: ['Look'] }).message('one two three', {
          deltas: ['one ', 'two'],
        }),
      );
      const turn = codex.startThread().runStreamed('Count');

      const events = await collected(turn);

      const pieces = (type: 'text.delta' | 'reasoning.delta'): string =>
        events.flatMap((event) => (event.type === type ? event.text : [])).join('');
      const { finalResponse } = await turn.result();
      expect(pieces('text.delta')).to.equal('one two three').and.to.equal(finalResponse);
      expect(pieces('reasoning.delta')).to.equal('Look first');
    });

    it('is in `textStream` even if no deltas were sent', async () => {
      offline.model.reply(
        ScriptedReply.message('I look. ', { deltas: [], id: 'same' }).shellCommand('true'),
        ScriptedReply.message('A test fails.', { deltas: [], id: 'same' }),
      );
      const turn = codex.startThread().runStreamed('Go');

      const texts = await collected(turn.textStream);

      expect(texts).to.deep.equal(['I look. ', 'A test fails.']);
      expect(await turn.result()).to.include({ finalResponse: 'A test fails.' });
    });

    it('is available as a Web stream', async () => {
      offline.model.reply(ScriptedReply.deltas('one ', 'two'));
      const turn = codex.startThread().runStreamed('Count');
      const bytes = turn.toReadableStream().pipeThrough(new TextEncoderStream());

      expect(await new Response(bytes).text()).to.equal('one two');
    });

    it('ends with the failure of the turn, thrown once', async () => {
      offline.model.reply(ScriptedReply.status(400), ScriptedReply.status(400));
      const thread = codex.startThread();
      const [turn, other] = [thread.runStreamed('Go'), thread.runStreamed('Go')];

      const thrown = await failure(collected(turn.textStream));
      const broken = await failure(collected(other.toReadableStream()));

      expect(thrown).to.be.instanceOf(TurnFailedError);
      expect(await failure(turn.result())).to.equal(thrown);
      expect(broken).to.be.instanceOf(TurnFailedError);
      expect(await failure(other.result())).to.equal(broken);
    });
  });

  it('has one reader, in any form', async () => {
    offline.model.reply(ScriptedReply.message('Once'));
    const turn = codex.startThread().runStreamed('Go');
    const events = await collected(turn.events);

    const others = [
      await failure(collected(turn)),
      await failure(collected(turn.events)),
      await failure(collected(turn.textStream)),
    ];

    expect(events.at(-1)?.type).to.equal('turn.completed');
    for (const error of others)
      expect(error).to.be.instanceOf(CodexError).with.property('code', 'already-read');
    expect(() => turn.toReadableStream())
      .to.throw(CodexError)
      .with.property('code', 'already-read');
  });

  it('returns the same result for every call, even before its events are read', async () => {
    offline.model.reply(ScriptedReply.message('Once'));
    const turn = codex.startThread().runStreamed('Go');

    const [first, second] = await Promise.all([turn.result(), turn.result()]);
    const events = await collected(turn);

    expect(second).to.equal(first);
    expect(await turn.result()).to.equal(first);
    expect(first).to.be.frozen;
    expect(events.at(-1)?.type).to.equal('turn.completed');
  });

  it('waits for a slow reader, which loses nothing, while other turns continue', async () => {
    const pieces = Array.from({ length: 500 }, (_, index) => `${index} `);
    offline.model.reply(ScriptedReply.deltas(...pieces), ScriptedReply.message('Quick'));
    const slow = codex.startThread().runStreamed('Count');
    const events = slow[Symbol.asyncIterator]();
    const first = await events.next();

    const { finalResponse } = await slow.result();
    const other = await codex.startThread().run('Go');
    const rest = await collected({ [Symbol.asyncIterator]: () => events });

    expect(first.value).to.include({ type: 'thread.started' });
    expect(other.finalResponse).to.equal('Quick');
    expect(finalResponse).to.equal(pieces.join(''));
    expect(rest.map((event) => (event.type === 'text.delta' ? event.text : '')).join('')).to.equal(
      finalResponse,
    );
    // One event for all streamed text, not one for each piece.
    expect(rest.length).to.be.below(20);
  });

  describe('is stopped', () => {
    it('by leaving the loop over its texts', async () => {
      const turn = halting();

      for await (const text of turn.textStream) {
        expect(text).to.equal('half');
        break;
      }

      expect(turn.status).to.equal('interrupted');
      expect(await failure(turn.result())).to.be.instanceOf(TurnInterruptedError);
    });

    it('by cancelling the Web stream, even while the model is silent', async () => {
      const turn = halting();
      const reader = turn.toReadableStream().getReader();
      const { value } = await reader.read();
      const next = reader.read();

      await reader.cancel();

      expect(value).to.equal('half');
      expect(await next).to.deep.equal({ done: true, value: undefined });
      expect(turn.status).to.equal('interrupted');
    });

    it('by cancelling an unread Web stream', async () => {
      const turn = codex.startThread().runStreamed('Go');

      await turn.toReadableStream().cancel();

      expect(turn.status).to.equal('interrupted');
    });

    it('by the end of its scope', async () => {
      const turn = halting();
      {
        await using scoped = turn;
        const events = scoped[Symbol.asyncIterator]();
        let event = await events.next();
        while (event.done !== true && event.value.type !== 'text.delta')
          event = await events.next();
      }

      expect(turn.status).to.equal('interrupted');
    });
  });
});
