import { expect } from 'chai';
import type { Codex, Turn } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { spawnOne } from '../conversation/spawned-agents.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The sub-agents of a stopped turn', function () {
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

  /** A turn whose sub-agent has started its command. */
  async function begun(): Promise<Turn> {
    const turn = codex
      .startThread({ model: 'mock-model', sandboxMode: 'danger-full-access' })
      .runStreamed('Go');
    const events = turn[Symbol.asyncIterator]();
    for (;;) {
      const { value } = await events.next();
      if (value?.type !== 'subagent.event' || value.method !== 'item/started') continue;
      if (JSON.stringify(value.params).includes('"commandExecution"')) return turn;
    }
  }

  it('are stopped with it, and so are their commands', async () => {
    const methods: string[] = [];
    spawnOne(offline.model, ScriptedReply.shellCommand('sleep 60', { yieldTimeMs: 60_000 }));
    const turn = await begun();
    const heard = (async () => {
      for await (const { method, params } of codex.notifications({ methods: ['turn/completed'] }))
        if (methods.push(`${method} ${params.turn.status}`) === 2) return;
    })();

    const report = await turn.interrupt();

    expect(report).to.deep.equal({ acknowledged: true, commandsEnded: 1, processRecycled: false });
    expect(await failure(turn.result())).to.have.property('code', 'turn-interrupted');
    await heard;
    expect(methods).to.deep.equal(['turn/completed interrupted', 'turn/completed interrupted']);
  });
});
