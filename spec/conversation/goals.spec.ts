import { expect } from 'chai';
import {
  DenyApprovals,
  ThreadBusyError,
  TurnBudgetError,
  TurnFailedError,
  TurnInterruptedError,
  TurnLostError,
  TurnTimeoutError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply, type ScriptedRequest } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const done = ScriptedReply.functionCall('update_goal', { status: 'complete' });

describe('A goal', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  beforeEach(() => {
    offline.model.otherwise(ScriptedReply.message('Step'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const start = (): Thread =>
    codex.startThread({ model: 'mock-model', sandboxMode: 'danger-full-access' });

  /** The status of the goal in codex-rs. */
  async function statusOf(thread: Thread): Promise<string | undefined> {
    const threadId = thread.threadId ?? '';
    return (await codex.request('thread/goal/get', { threadId })).goal?.status;
  }

  it('is pursued over several turns until the model reports it complete', async () => {
    const thread = start();
    const goal = thread.pursue('Green');
    const before = goal.status;
    const events: string[] = [];
    offline.model.reply(ScriptedReply.message('One'), ScriptedReply.message('Two'), done);

    for await (const event of goal)
      if (event.type === 'turn.started' || event.type === 'turn.completed')
        events.push(`${event.type} ${event.turnId}`);
    const result = await goal.result();

    expect(before).to.equal('pending');
    expect(goal.status).to.equal('complete');
    expect(result).to.include({ outcome: 'complete', objective: 'Green', finalResponse: 'Step' });
    expect(result.turns.map(({ finalResponse }) => finalResponse)).to.eql(['One', 'Two', 'Step']);
    expect(events).to.deep.equal(
      result.turns.flatMap(({ turnId }) => [`turn.started ${turnId}`, `turn.completed ${turnId}`]),
    );
    expect(result.usage.totalTokens).to.equal(60);
    expect(String(result.continuation)).to.equal(String(thread.continuation));
    expect((await thread.run('Thanks')).finalResponse).to.equal('Step');
    expect(await statusOf(thread)).to.equal('complete');
  });

  it('ends as blocked by the model, as budgetLimited by codex-rs, as cleared by a request', async () => {
    const [blocked, limited, cleared] = [start(), start(), start()];

    offline.model.reply(ScriptedReply.functionCall('update_goal', { status: 'blocked' }));
    const one = await blocked.pursue('Green').result();
    const two = await limited.pursue('Green', { tokenBudget: 20 }).result();
    const third = cleared.pursue('Green');
    for await (const event of third)
      if (event.type === 'turn.completed')
        await codex.request('thread/goal/clear', { threadId: cleared.threadId ?? '' });

    expect([one.outcome, two.outcome]).to.deep.equal(['blocked', 'budgetLimited']);
    expect(two.turns).to.have.length(2);
    expect((await third.result()).outcome).to.equal('cleared');
  });

  it('is steered, paused and resumed', async () => {
    const thread = start();
    const goal = thread.pursue('Green');
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('One'));

    const early = await failure(goal.pause());
    const begun = codex.notifications({ methods: ['turn/started'] }).next();
    const result = goal.result();
    await gate.reached;
    await begun;
    const steered = await goal.steer('By the way');
    await goal.pause();
    gate.open();
    const between = await thread.run('What is missing?');
    const status = await statusOf(thread);
    const meanwhile = goal.turns.length;
    offline.model.reply(done);
    await goal.resume();

    expect(early).to.include({ code: 'turn-not-started' });
    expect(steered).to.deep.equal({ status: 'steered' });
    expect([between.finalResponse, status, meanwhile]).to.deep.equal(['Step', 'paused', 1]);
    expect((await result).turns).to.have.length(2);
    expect(await goal.steer('Late')).to.deep.equal({ status: 'turnEnded' });
    expect(await failure(goal.resume())).to.include({ code: 'goal-ended' });
  });

  it('is paused while a turn of the caller runs, which never steers a turn of the goal', async () => {
    const thread = start();
    const steered: ScriptedRequest[] = [];
    offline.model.otherwise((request) => {
      const { input } = request.body as { input: readonly unknown[] };
      const texts = input.slice(-2).map((item) => JSON.stringify(item));
      if (
        texts[1]?.includes('Ours') === true &&
        texts[0]?.includes('codex_internal_context') === true
      )
        steered.push(request);
      return ScriptedReply.message('Step');
    });
    const goal = thread.pursue('Green');
    const answers: (string | null)[] = [];

    for await (const event of goal) {
      if (event.type !== 'turn.completed') continue;
      if (answers.length === 3) break;
      answers.push((await thread.run('Ours')).finalResponse);
    }

    expect(answers).to.deep.equal(Array.from({ length: 3 }, () => 'Step'));
    expect(steered).to.deep.equal([]);
    expect(goal.turns.length).to.be.at.least(3);
    expect(await failure(goal.result())).to.be.instanceOf(TurnInterruptedError);
    expect(await statusOf(thread)).to.equal('paused');
  });

  it('is paused and stopped by interrupt() and by its signal, with its commands', async () => {
    const [one, two] = [start(), start()];
    const controller = new AbortController();
    const gate = new Gate();
    offline.model.reply(ScriptedReply.message('One'), ScriptedReply.gate(gate).message('Two'));
    const goal = one.pursue('Green');
    const outcome = failure(goal.result());
    await gate.reached;

    const report = await goal.interrupt();
    gate.open();
    const error = await outcome;
    const signalled = failure(two.pursue('Green', { signal: controller.signal }).result());
    const reason = new Error('Enough');
    controller.abort(reason);

    expect(report).to.include({ acknowledged: true, processRecycled: false });
    expect(error).to.be.instanceOf(TurnInterruptedError);
    expect((error as TurnInterruptedError).items).to.have.length(1);
    expect([goal.status, await statusOf(one)]).to.deep.equal(['interrupted', 'paused']);
    expect(await signalled).to.equal(reason);
    expect((await one.run('Go on')).finalResponse).to.equal('Step');
  });

  it('applies its limits to all its turns', async () => {
    const [slow, dear] = [start(), start()];

    const late = await failure(slow.pursue('Green', { timeouts: { totalMs: 700 } }).result());
    const spent = await failure(dear.pursue('Green', { budget: { totalTokens: 40 } }).result());

    expect(late).to.be.instanceOf(TurnTimeoutError);
    expect(late).to.include({ budget: 'totalMs', limitMs: 700 });
    expect(await statusOf(slow)).to.equal('paused');
    expect(spent).to.be.instanceOf(TurnBudgetError);
    expect(spent).to.include({ budget: 'totalTokens', limit: 40, spent: 45 });
    expect(await statusOf(dear)).to.equal('paused');
  });

  it('fails with the turn that fails, and codex-rs counts it as blocked', async () => {
    const thread = start();
    offline.model.reply(ScriptedReply.message('One'), ScriptedReply.status(400));
    const goal = thread.pursue('Green');

    const error = await failure(goal.result());

    expect(error).to.be.instanceOf(TurnFailedError);
    expect([goal.status, goal.turns.length]).to.deep.equal(['failed', 1]);
    expect(await statusOf(thread)).to.equal('blocked');
  });

  it('ends if a turn of the caller completes it', async () => {
    const thread = start();
    const goal = thread.pursue('Green');
    const result = goal.result();
    offline.model.replyOnceWhen(({ userTexts }) => userTexts.at(-1) === 'Is it done?', done);

    await thread.run('Is it done?');

    expect(await result).to.include({ outcome: 'complete' });
    expect(goal.turns).to.have.length.of.at.most(2);
    expect(await statusOf(thread)).to.equal('complete');
  });

  it('leaves no turn running if it is interrupted while it starts', async () => {
    const thread = start();
    await thread.run('Hello');
    const goal = thread.pursue('Green');
    const outcome = failure(goal.result());
    await new Promise(setImmediate);

    await goal.interrupt();
    const turns = (await thread.read({ includeTurns: true })).turns;

    expect(await outcome).to.be.instanceOf(TurnInterruptedError);
    expect(turns.filter(({ status }) => status === 'inProgress')).to.deep.equal([]);
    expect(await statusOf(thread)).to.be.oneOf([undefined, 'paused']);
  });

  it('is lost with its codex-rs', async () => {
    const other = offline.client();
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('One'));
    const begun = other.notifications({ methods: ['turn/started'] }).next();
    const result = failure(other.startThread({ model: 'mock-model' }).pursue('Green').result());
    await gate.reached;
    await begun;

    await other.close();
    gate.open();

    expect(await result).to.be.instanceOf(TurnLostError);
  });

  it('asks its own approval handler', async () => {
    const thread = codex.startThread({ model: 'mock-model', approvalPolicy: 'untrusted' });
    const asked: string[] = [];
    offline.model.reply(ScriptedReply.shellCommand('touch x'), done);

    const goal = thread.pursue('Green', {
      approvals: new (class extends DenyApprovals {
        override async handle(...args: Parameters<DenyApprovals['handle']>) {
          asked.push(args[0].kind);
          return super.handle(...args);
        }
      })(),
    });
    await goal.result();

    expect(asked).to.deep.equal(['command']);
  });

  it('makes the thread busy for a second goal', async () => {
    const thread = start();
    await using goal = thread.pursue('Green');
    await goal[Symbol.asyncIterator]().next();

    expect(await failure(thread.pursue('Blue').result())).to.be.instanceOf(ThreadBusyError);
    expect(await failure(thread.compact())).to.be.instanceOf(ThreadBusyError);
  });

  it('rejects a blank text and unknown options', () => {
    const thread = start();

    expect(() => thread.pursue(' ')).to.throw('must be a non-blank string');
    expect(() => thread.pursue('Green', { whenBusy: 'queue' } as object)).to.throw('whenBusy');
  });
});
