import { expect } from 'chai';
import {
  AllowApprovals,
  ThreadBusyError,
  TurnConflictError,
  TurnInterruptedError,
  type Codex,
  type Thread,
  type TurnEvent,
} from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';
import { ListeningCodex } from './listening-codex.js';

describe('A thread that two clients share', function () {
  this.timeout(scaled(240_000, 60_000));
  let server: ListeningCodex;
  let codex: Codex;
  let other: Codex;

  before(async () => {
    server = await ListeningCodex.start();
    codex = server.client();
    other = server.client();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** A thread with one turn, as seen by both clients. */
  async function shared(): Promise<readonly [Thread, Thread]> {
    server.model.reply(ScriptedReply.message('Hello.'));
    const thread = codex.startThread({
      workingDirectory: server.home.path,
      sandboxMode: 'read-only',
      approvalPolicy: 'on-request',
    });
    const { threadId } = await thread.run('Hello');
    return [thread, await other.resumeThread(threadId)];
  }

  it('leaves requests of a turn to the client that runs it', async () => {
    const [ours, theirs] = await shared();
    server.model.reply(
      ScriptedReply.message('Loaded.'),
      ScriptedReply.shellCommand('touch made-by-the-agent', { escalated: true }),
      ScriptedReply.message('Done.'),
    );
    await theirs.run('Load it');
    const turn = ours.runStreamed('Make it', { approvals: new AllowApprovals() });
    const decisions: (string | null)[] = [];
    for await (const event of turn)
      if (event.type === 'approval.resolved') decisions.push(event.report.decision);
    const { items } = await turn.result();
    expect(decisions).to.deep.equal(['allow']);
    expect(items.find(({ type }) => type === 'commandExecution')).to.include({
      status: 'completed',
    });
  });

  describe('returns from attach()', () => {
    it('null without a running turn, and runs its next turn as usual', async () => {
      const [, theirs] = await shared();
      expect(await theirs.attach()).to.equal(null);
      server.model.reply(ScriptedReply.message('Still here.'));
      expect((await theirs.run('There?')).finalResponse).to.equal('Still here.');
      expect(await codex.startThread().attach()).to.equal(null);
    });

    it('the turn of another client, from its current position to its end', async () => {
      const [ours, theirs] = await shared();
      const gate = new Gate();
      server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
      const running = ours.run('Why is the build red?');
      await gate.reached;
      const turn = await theirs.attach();
      const events: TurnEvent[] = [];
      for await (const event of turn!) {
        events.push(event);
        if (event.type === 'item.completed') gate.open();
      }
      const [mine, attached] = await Promise.all([running, turn!.result()]);
      expect(attached.turnId).to.equal(mine.turnId);
      expect(attached.finalResponse).to.equal('A test fails.');
      expect(attached.items.map(({ id }) => id)).to.deep.equal(mine.items.map(({ id }) => id));
      expect(events[0]).to.include({ type: 'turn.started', turnId: mine.turnId });
      const next = theirs.run('And now?');
      server.model.reply(ScriptedReply.message('Nothing.'));
      expect((await next).finalResponse).to.equal('Nothing.');
    });

    it('a turn that can be steered and interrupted', async () => {
      const [ours, theirs] = await shared();
      const gate = new Gate();
      server.model.reply(ScriptedReply.deltas('A test ').gate(gate));
      const running = failure(ours.run('Why is the build red?'));
      await gate.reached;
      const turn = await theirs.attach();
      expect(await turn!.steer('Be quick')).to.deep.equal({ status: 'steered' });
      expect((await turn!.interrupt()).acknowledged).to.equal(true);
      expect(await running).to.be.instanceOf(TurnInterruptedError);
      expect(await failure(turn!.result())).to.be.instanceOf(TurnInterruptedError);
      gate.open();
    });

    it('a turn that continues when its loop is left', async () => {
      const [ours, theirs] = await shared();
      const gate = new Gate();
      server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
      const running = ours.run('Why is the build red?');
      await gate.reached;
      const turn = await theirs.attach();

      for await (const event of turn!) {
        expect(event.type).to.equal('turn.started');
        break;
      }
      gate.open();
      expect((await running).finalResponse).to.equal('A test fails.');
      expect((await turn!.result()).finalResponse).to.equal('A test fails.');
    });

    it('a turn with its approvals', async () => {
      const [ours, theirs] = await shared();
      const asked = new Gate();
      server.model.reply(
        ScriptedReply.shellCommand('echo allowed', { escalated: true }),
        ScriptedReply.message('Done.'),
      );
      class Waiting extends AllowApprovals {
        override async handle(): Promise<never> {
          asked.open();
          return new Promise<never>(() => undefined);
        }
      }
      const running = ours.run('Do it', { approvals: new Waiting() });
      await asked.opened;
      const turn = await theirs.attach({ approvals: new AllowApprovals() });
      const { finalResponse, items } = await turn!.result();
      expect(finalResponse).to.equal('Done.');
      expect(items.find(({ type }) => type === 'commandExecution')).to.include({ exitCode: 0 });
      expect((await running).finalResponse).to.equal('Done.');
    });

    it('the turn that this client itself runs, unchanged', async () => {
      const [ours] = await shared();
      const gate = new Gate();
      server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
      const running = ours.run('Why is the build red?');
      await gate.reached;
      const turn = await ours.attach();
      gate.open();
      expect((await turn!.result()).turnId).to.equal((await running).turnId);
    });
  });

  it('waits for the turn of another client, or reports that it is busy', async () => {
    const [ours, theirs] = await shared();
    await theirs.open();
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('First ').gate(gate), ScriptedReply.message('Second.'));
    const first = ours.run('One');
    await gate.reached;
    expect(await failure(theirs.run('Two', { whenBusy: 'reject' }))).to.be.instanceOf(
      ThreadBusyError,
    );
    const second = theirs.run('Two');
    gate.open();
    expect((await second).finalResponse).to.equal('Second.');
    expect((await first).finalResponse).to.equal('First ');
  });

  it('reports input that joined a turn which another client started at the same time', async () => {
    const [ours] = await shared();
    const late = new Gate();
    const transport = new FaultyTransport(server.transport()).on('turn/start').delayUntil(late);
    const theirs = await server.client({ transport }).resumeThread(ours.threadId ?? '');
    await theirs.open();
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('First ').gate(gate), ScriptedReply.message('Both.'));
    const sent = failure(theirs.run('Two'));
    await transport.whenReceived('turn/start');
    const first = ours.run('One');
    await gate.reached;
    late.open();
    const error = await sent;
    gate.open();
    const { turnId } = await first;
    if (!TurnConflictError.is(error)) throw error;
    expect(error.turnId).to.equal(turnId);
  });

  it('runs the turns of both in sequence, without unreported steering', async () => {
    const turns = scaled(50, 6);
    const [ours, theirs] = await shared();
    server.model.otherwise(({ userTexts }) => ScriptedReply.message(`Heard ${userTexts.at(-1)}`));
    const conflicts: string[] = [];
    const said: string[] = [];
    const converse = async (thread: Thread, name: string): Promise<void> => {
      for (let index = 0; index < turns; index += 1) {
        const input = `${name} ${index}`;
        try {
          const { finalResponse } = await thread.run(input);
          expect(finalResponse).to.match(/^Heard /);
          said.push(input);
        } catch (error) {
          if (!TurnConflictError.is(error)) throw error;
          conflicts.push(input);
        }
      }
    };
    await Promise.all([converse(ours, 'ours'), converse(theirs, 'theirs')]);
    const history: string[] = [];
    for await (const turn of ours.turns())
      history.push(
        turn.items
          .flatMap((item) => (item.type === 'userMessage' ? item.content : []))
          .flatMap((part) => (part.type === 'text' ? [part.text] : []))
          .join(' + '),
      );
    // Every input is in the history once, and shares a turn with another one only if that was reported.
    const inputs = history
      .flatMap((texts) => texts.split(' + '))
      .filter((text) => text !== 'Hello');
    expect([...inputs].sort()).to.deep.equal([...said, ...conflicts].sort());
    const mixed = history.filter((texts) => texts.includes(' + ')).length;
    expect(mixed).to.be.at.most(conflicts.length);
  });
});
