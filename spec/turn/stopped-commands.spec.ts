import { expect } from 'chai';
import { telemetry, type Codex, type Turn, type TurnOptions } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';

function running(command: string): boolean {
  return processesLeft().some((line) => line.endsWith(command));
}

describe('The commands of a stopped turn', function () {
  this.timeout(20_000);
  const ended: number[] = [];
  let offline: OfflineCodex;
  let codex: Codex;
  let command: string;
  let forget: () => void;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
    forget = telemetry.turnStop.subscribe(({ commandsEnded }) => ended.push(commandsEnded));
  });

  beforeEach(() => {
    ended.length = 0;
    command = `sleep 7${offline.model.requests.length}`;
    offline.model.reply(
      ScriptedReply.shellCommand(`${command} & ${command}`, { yieldTimeMs: 60_000 }),
    );
  });

  after(async () => {
    forget();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function started(
    options: Pick<TurnOptions, 'signal' | 'timeouts'> = {},
    client = codex,
  ): Promise<Turn> {
    const turn = client
      .startThread({ sandboxMode: 'danger-full-access' })
      .runStreamed('Go', options);
    const events = turn[Symbol.asyncIterator]();
    for (;;) {
      const { value } = await events.next();
      if (value?.type === 'item.started' && value.item.type === 'commandExecution') return turn;
    }
  }

  /** A killed process may exist for another moment. */
  async function disappears(): Promise<void> {
    while (running(command)) await new Promise((resolve) => setImmediate(resolve));
  }

  it('are ended before result() rejects because of interrupt()', async () => {
    const turn = await started();

    void turn.interrupt();

    expect(await failure(turn.result())).to.have.property('code', 'turn-interrupted');
    expect(ended).to.deep.equal([1]);
    await disappears();
  });

  it('are ended before result() rejects because of the signal', async () => {
    const controller = new AbortController();
    const turn = await started({ signal: controller.signal });

    controller.abort(new Error('enough'));

    expect(await failure(turn.result())).to.equal(controller.signal.reason);
    expect(ended).to.deep.equal([1]);
    await disappears();
  });

  it('are ended before result() rejects because of a time limit', async () => {
    const turn = await started({ timeouts: { idleMs: 500 } });

    expect(await failure(turn.result())).to.have.property('budget', 'idleMs');
    expect(ended).to.deep.equal([1]);
    await disappears();
  });

  it('are ended before the program continues after the loop', async () => {
    const turn = codex.startThread({ sandboxMode: 'danger-full-access' }).runStreamed('Go');

    for await (const event of turn)
      if (event.type === 'item.started' && event.item.type === 'commandExecution') break;

    expect(turn.status).to.equal('interrupted');
    expect(ended).to.deep.equal([1]);
    await disappears();
  });

  it('are reported if they cannot be ended', async () => {
    const limited = offline.client({ experimentalApi: false });
    const problems: string[] = [];
    const forgetProblems = telemetry.problem.subscribe(({ during }) => problems.push(during));
    const turn = await started({}, limited);

    const report = await turn.interrupt();
    forgetProblems();
    await limited.close();

    expect(report).to.deep.equal({ acknowledged: true, commandsEnded: 0, processRecycled: false });
    expect(problems).to.deep.equal(['stop']);
  });
});
