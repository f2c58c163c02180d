import { expect } from 'chai';
import type sinon from 'sinon';
import type { Codex, TurnEvent } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { CommandOutput } from '../../lib/turn/command-output.js';
import { fakeTime } from '../fake-time.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

/** The output of each command for a reader that applies every event. */
function shown(events: readonly TurnEvent[]): string {
  let text = '';
  for (const event of events) {
    if (event.type === 'command.output') text += event.text;
    if (event.type === 'command.replaced') text = event.text;
  }
  return text;
}

describe('CommandOutput', () => {
  let clock: sinon.SinonFakeTimers;
  let events: TurnEvent[];
  let output: CommandOutput;

  beforeEach(() => {
    clock = fakeTime();
    events = [];
    output = new CommandOutput('c', (event) => events.push(event));
  });

  afterEach(() => {
    clock.restore();
  });

  function told(...pieces: readonly (readonly TurnEvent[])[]): string[] {
    events.push(...pieces.flat());
    return events.map((event) => ('text' in event ? `${event.type} ${event.text}` : event.type));
  }

  it('is complete and in order if its beginning was not streamed', () => {
    expect(told(output.add('b'), output.complete('ab'))).to.deep.equal(['command.output ab']);
  });

  it('is that of the completed item if nothing was streamed', () => {
    expect(told(output.complete('a'))).to.deep.equal(['command.output a']);
  });

  it('is streamed live once the command takes longer', () => {
    told(output.add('a'));
    expect(told()).to.deep.equal([]);

    clock.tick(2000);

    expect(told(output.add('b'), output.complete('abc'))).to.deep.equal([
      'command.output a',
      'command.output b',
      'command.output c',
    ]);
  });

  it('is replaced at the end if the beginning of a longer command was not streamed', () => {
    told(output.add('b'));
    clock.tick(2000);

    expect(told(output.add('c'), output.complete('abc'))).to.deep.equal([
      'command.output b',
      'command.output c',
      'command.replaced abc',
    ]);
    expect(shown(events)).to.equal('abc');
  });

  it('is the streamed output if the completed item has none', () => {
    expect(told(output.add('a'), output.complete(null))).to.deep.equal(['command.output a']);
  });

  it('ends with the buffered output if the turn ends before the command', () => {
    expect(told(output.add('a'), output.release())).to.deep.equal(['command.output a']);

    clock.tick(2000);

    expect(told()).to.deep.equal(['command.output a']);
  });
});

describe('The output of a command on the real codex-rs', function () {
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

  async function run(command: string): Promise<{ events: TurnEvent[]; whole: string | null }> {
    offline.model.reply(ScriptedReply.shellCommand(command), ScriptedReply.message('Done'));
    const turn = codex.startThread({ sandboxMode: 'danger-full-access' }).runStreamed('Go');
    const events: TurnEvent[] = [];
    for await (const event of turn) events.push(event);
    const { items } = await turn.result();
    const item = items.find(({ type }) => type === 'commandExecution');
    return { events, whole: item?.type === 'commandExecution' ? item.aggregatedOutput : null };
  }

  for (const [what, command, whole] of [
    ['of a quick command', 'echo quick', 'quick\n'],
    ['of a command that pauses', 'echo a; sleep 1; echo b', 'a\nb\n'],
    ['of a command that fails', 'echo wrong >&2; exit 3', 'wrong\n'],
    ['with a character that comes in two pieces', "printf '\\303'; sleep 1; printf '\\244'", 'ä'],
  ] as const)
    it(`is streamed once, complete and in order: ${what}`, async () => {
      const { events, whole: aggregated } = await run(command);
      const pieces = events.flatMap((event) =>
        event.type === 'command.output' ? [event.text] : [],
      );

      expect(aggregated).to.equal(whole);
      expect(pieces.join('')).to.equal(whole);
      expect(events.map(({ type }) => type)).not.to.include('command.replaced');
      const types = events.map(({ type }) => type);
      expect(types[types.lastIndexOf('command.output') + 1]).to.equal('item.completed');
    });

  it('is not streamed for a command without output', async () => {
    const { events } = await run('true');

    expect(events.filter(({ type }) => type.startsWith('command.'))).to.deep.equal([]);
  });

  it('is truncated by codex-rs if it is very large', async () => {
    const { events, whole } = await run('sleep 0.3; seq 1 400000');

    expect(whole).to.contain('bytes omitted');
    expect(shown(events)).to.equal(whole);
  });

  it('is streamed up to the moment the turn is stopped', async () => {
    offline.model.reply(ScriptedReply.shellCommand('sleep 0.3; echo a; sleep 60'));
    const notifications = codex.notifications({
      methods: ['item/commandExecution/outputDelta'],
    });
    const turn = codex.startThread({ sandboxMode: 'danger-full-access' }).runStreamed('Go');
    const read = (async () => {
      const events: TurnEvent[] = [];
      for await (const event of turn) events.push(event);
      return events;
    })();

    for await (const { params } of notifications) if (params.delta === 'a\n') break;
    await turn.interrupt();

    const types = (await read).map(({ type }) => type);
    expect(shown(await read)).to.equal('a\n');
    expect(types.slice(-2)).to.deep.equal(['command.output', 'turn.interrupted']);
  });
});
