import { expect } from 'chai';
import { Gate, ScriptedReply } from '../lib/testing/index.js';
import { eventually } from './wire/eventually.js';
import { Host } from './host.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';

describe('A thread between two programs on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let one: Host;
  let two: Host;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(userTexts.slice(1).join(', ')),
    );
    [one, two] = [new Host(offline), new Host(offline)];
  });

  afterEach(async () => {
    await Promise.all([one.end(), two.end()]);
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('alternates between them, and each sees the turns of the other', async () => {
    await one.order('start');
    let ran = await one.run('1');

    for (const [owner, next, input] of [
      [one, two, '2'],
      [two, one, '3'],
      [one, two, '4'],
      [two, one, '5'],
    ] as const) {
      const { threadId, continuation } = ran;
      await next.order('take', { threadId, continuation });
      expect(await next.refusal('run', { input })).to.include({ reason: 'busy', threadId });
      await owner.order('release');
      ran = await next.run(input);
    }

    expect(ran.finalResponse).to.equal('1, 2, 3, 4, 5');
  });

  it('is refused to the second with a typed error, and available after the first has closed its client', async () => {
    await one.order('start');
    const { threadId, continuation } = await one.run('1');
    await two.order('take', { threadId, continuation });

    const refused = await two.refusal('run', { input: '2' });
    await one.order('close');

    expect(refused).to.deep.include({
      class: 'ResumeRejectedError',
      code: 'resume-rejected',
      retryable: true,
    });
    expect(refused?.verdict).to.have.nested.include({ 'evidence.originator': 'codex-threads' });
    expect((await two.run('2')).finalResponse).to.equal('1, 2');
  });

  it('continues after its program was killed during a turn, with the token of that turn or of the one before', async () => {
    await one.order('start');
    const before = await one.run('1');
    const codexRs = String(await one.order('processId'));
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Never'));
    const during = await one.order('begin', { input: '2' });
    await gate.reached;
    await one.kill();
    await eventually(() => !processesLeft().some((line) => line.startsWith(`${codexRs}:`)));

    await two.order('take', before);
    await two.order('take', { threadId: before.threadId, continuation: during });

    expect((await two.run('3')).finalResponse).to.equal('1, 2, 3');
  });

  it('is available after the program that loaded it is killed', async () => {
    await one.order('start');
    const { threadId, continuation } = await one.run('1');
    const codexRs = String(await one.order('processId'));
    await two.order('take', { threadId, continuation });

    await one.kill();
    await eventually(() => !processesLeft().some((line) => line.startsWith(`${codexRs}:`)));

    expect((await two.run('2')).finalResponse).to.equal('1, 2');
  });
});
