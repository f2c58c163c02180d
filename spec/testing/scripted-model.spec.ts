import { expect } from 'chai';
import { ScriptedModel, ScriptedReply } from '../../lib/testing/index.js';
import { RawAppServer } from './raw-app-server.js';

describe('ScriptedModel with the real codex', () => {
  it('answers a turn with a message', async () => {
    await using model = await ScriptedModel.start();
    await using codex = await RawAppServer.start(model);
    model.reply(ScriptedReply.message('Hello'));
    const threadId = await codex.startThread();

    const turn = await codex.runTurn(threadId, 'Hi');

    expect(turn.items).to.have.lengthOf(1);
    expect(codex.completed('agentMessage').map(({ text }) => text)).to.deep.equal(['Hello']);
  });
});
