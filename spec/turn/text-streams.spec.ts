import { expect } from 'chai';
import type { Codex } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The text of a turn on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('comes piece by piece, and adds up to the final response', async () => {
    offline.model.reply(ScriptedReply.deltas('one ', 'two ', 'three'));
    const turn = codex.startThread().runStreamed('Count');
    expect([turn.status, turn.turnId]).to.deep.equal(['pending', null]);

    const texts = await collected(turn.textStream);

    const { finalResponse, turnId } = await turn.result();
    expect(texts.join('')).to.equal(finalResponse);
    expect([turn.status, turn.turnId]).to.deep.equal(['completed', turnId]);
  });

  it('comes as a Web stream', async () => {
    offline.model.reply(
      ScriptedReply.deltas('one ', 'two'),
      ScriptedReply.deltas('half').gate(new Gate()).deltas('whole'),
    );
    const thread = codex.startThread();
    const whole = await collected(thread.runStreamed('Count').toReadableStream());
    const turn = thread.runStreamed('Again');
    const reader = turn.toReadableStream().getReader();

    const { value } = await reader.read();
    await reader.cancel();

    expect(whole.join('')).to.equal('one two');
    expect(value).to.equal('half');
    expect(turn.status).to.equal('interrupted');
  });
});
