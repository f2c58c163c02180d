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

  it('do not affect a turn, its time limit, or the closing of the client', async () => {
    codex.model.reply(
      ScriptedReply.delay(50).message('Done'),
      ScriptedReply.delay(60_000).message('Late'),
    );
    // All but process.nextTick, which Node itself needs.
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
