import { expect } from 'chai';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ThreadBusyError, type Codex, type Turn } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

/** Collects garbage, including recently read targets of a `WeakRef`. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 10; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

describe('A thread whose values are garbage collected', function () {
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

  /** The id of the thread of a running turn. */
  async function threadOf(turn: Turn): Promise<string> {
    const { value } = await turn[Symbol.asyncIterator]().next();
    return value?.type === 'thread.started' ? value.threadId : '';
  }

  it('is busy for a resume while its turn runs', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('Not').gate(gate).deltas(' yet'));
    const turn = codex.startThread().runStreamed('Wait');
    const threadId = await threadOf(turn);
    await gate.reached;

    await collectGarbage();
    const resumed = await codex.resumeThread(threadId);
    const refused = await failure(resumed.run('Now', { whenBusy: 'reject' }));
    gate.open();

    expect(refused).to.be.instanceOf(ThreadBusyError);
    expect((await turn.result()).finalResponse).to.equal('Not yet');
  });
});
