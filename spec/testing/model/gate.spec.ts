import { expect } from 'chai';
import { Gate, ScriptedModel, ScriptedReply } from '../../../lib/testing/index.js';

describe('Gate', () => {
  it('stays open once it is opened', async () => {
    const gate = new Gate();
    expect(gate.isOpen).to.equal(false);

    gate.open();
    gate.open();

    await gate.opened;
    expect(gate.isOpen).to.equal(true);
  });

  it('counts the replies that reach it', async () => {
    await using model = await ScriptedModel.start();
    const gate = new Gate();
    model.otherwise(ScriptedReply.gate(gate).status(503));
    expect(gate.arrivals).to.equal(0);

    const answers = [post(model), post(model), post(model)];
    await gate.reachedBy(3);
    const arrivals = gate.arrivals;
    gate.open();
    await Promise.all(answers);

    expect(arrivals).to.equal(3);
    await gate.reached;
    await gate.reachedBy(2);
  });

  it('admits replies immediately after it was opened', async () => {
    await using model = await ScriptedModel.start();
    const gate = new Gate();
    model.otherwise(ScriptedReply.gate(gate).status(503));
    gate.open();

    expect((await post(model)).status).to.equal(503);
    expect(gate.arrivals).to.equal(1);
  });
});

async function post(model: ScriptedModel): Promise<Response> {
  return fetch(`${model.baseUrl}/responses`, { method: 'POST', body: '{}' });
}
