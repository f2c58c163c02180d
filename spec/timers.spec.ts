import { expect } from 'chai';
import sinon from 'sinon';
import { TurnTimeoutError } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { OfflineCodex } from './offline-codex.js';
import { failure } from './outcomes.js';
import { noProcessLeft } from './root-hooks.js';

describe('Fake timers that a test installs', () => {
  let codex: OfflineCodex;

  beforeEach(async () => {
    codex = await OfflineCodex.start();
  });

  afterEach(async () => {
    sinon.restore();
    await codex[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('stop neither a turn, nor its time limit, nor the end of the client', async () => {
    codex.model.reply(
      ScriptedReply.delay(50).message('Done'),
      ScriptedReply.delay(60_000).message('Late'),
    );
    // Everything but process.nextTick, which Node itself would miss.
    sinon.useFakeTimers({
      now: 0,
      toFake: [
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
        'setImmediate',
        'clearImmediate',
        'queueMicrotask',
        'Date',
        'hrtime',
        'performance',
      ],
    });
    const client = codex.client();
    const thread = client.startThread();

    const { finalResponse } = await thread.run('Hello');
    const late = await failure(thread.run('Hello again', { timeouts: { totalMs: 300 } }));
    await client.close();

    expect(finalResponse).to.equal('Done');
    expect(late).to.be.instanceOf(TurnTimeoutError);
  });
});
