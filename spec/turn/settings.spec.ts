import { expect } from 'chai';
import { ContinuationToken, ValidationError, type Codex, type Thread } from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { processOf } from '../crash.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { settingsOf } from './settings-of.js';

describe('Settings for one turn', function () {
  this.timeout(20_000);
  const own = { model: 'gpt-5.5' } as const;
  const other = {
    model: 'gpt-5',
    modelReasoningEffort: 'low',
    modelReasoningSummary: 'detailed',
    sandboxMode: 'danger-full-access',
    approvalPolicy: 'never',
  } as const;
  let offline: OfflineCodex;
  let codex: Codex;
  let plain: Record<string, unknown>;
  let changed: Record<string, unknown>;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const thread = offline.client().startThread(own);
    await thread.run('plain');
    plain = settingsOf(offline.model.requests.at(-1));
    await thread.run('changed', { options: other });
    changed = settingsOf(offline.model.requests.at(-1));
  });

  beforeEach(() => {
    codex = offline.client();
  });

  afterEach(async () => {
    await codex.close();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function ranWith(thread: Thread): Promise<Record<string, unknown>> {
    await thread.run('next');
    return settingsOf(offline.model.requests.at(-1));
  }

  /** The settings of the thread in a process that has only its id. */
  async function ranElsewhere(threadId: string): Promise<Record<string, unknown>> {
    await using elsewhere = offline.client();
    return await ranWith(await elsewhere.resumeThread(threadId));
  }

  it('reach the model for that turn', () => {
    expect(changed).to.include({ model: 'gpt-5', effort: 'low', summary: 'detailed' });
    expect(changed.sandbox).not.to.equal(plain.sandbox);
    expect(changed.sandbox).to.be.a('string');
  });

  it('do not reach the next turn or a second process', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    const { threadId } = await thread.run('changed', { options: other });

    expect(await ranWith(thread)).to.deep.equal(plain);
    await codex.close();
    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('of a clone do not reach the original thread', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    await thread.clone({ options: other }).run('changed');

    expect(settingsOf(offline.model.requests.at(-1))).to.deep.equal(changed);
    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('that bypass approvals and the sandbox apply to that turn only', async () => {
    const approvalMode = 'dangerouslyBypassApprovalsAndSandbox';
    const thread = codex.startThread(own);

    const { threadId } = await thread.run('bypassed', { options: { approvalMode } });

    expect(settingsOf(offline.model.requests.at(-1)).sandbox).to.equal(changed.sandbox);
    expect(await ranWith(thread)).to.deep.equal(plain);
    await codex.close();
    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('can replace a bypass of approvals and the sandbox only with a sandbox', async () => {
    const approvalMode = 'dangerouslyBypassApprovalsAndSandbox';
    const thread = codex.startThread({ ...own, approvalMode });
    expect((await ranWith(thread)).sandbox).to.equal(changed.sandbox);

    const refused = await failure(thread.run('on', { options: { approvalMode: 'denyAll' } }));
    await thread.run('on', { options: { approvalMode: 'denyAll', sandboxMode: 'read-only' } });
    const held = settingsOf(offline.model.requests.at(-1));

    expect(ValidationError.is(refused) && refused.problems[0]?.path).to.equal('approvalMode');
    expect(held.sandbox).to.equal(plain.sandbox);
    expect((await ranWith(thread)).sandbox).to.equal(changed.sandbox);
  });

  it('of the very first turn do not reach the second', async () => {
    const thread = codex.startThread(own);
    await thread.clone({ options: other }).run('changed');

    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('are correct for each of several alternating turns, and for the thread itself', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    const model = thread.clone({ options: { model: 'gpt-5' } });
    const effort = thread.clone({ options: { modelReasoningEffort: 'high' } });
    const summary = thread.clone({ options: { modelReasoningSummary: 'detailed' } });
    const wide = thread.clone({ options: { model: 'gpt-5', sandboxMode: 'danger-full-access' } });
    const alone: unknown[] = [];
    // codex-rs cannot unset a summary: once one is restored, an unknown model gets it too.
    for (const each of [summary, model, effort, wide]) {
      alone.push(await ranWith(each));
      expect(await ranWith(thread)).to.deep.equal(plain);
    }

    const mixed = [wide, effort, model, summary, effort, wide, summary, model, effort];
    const ran: unknown[] = [];
    for (const each of mixed) ran.push(await ranWith(each));

    expect(alone[0]).to.deep.equal({ ...plain, summary: 'detailed' });
    expect(alone[1]).to.deep.equal({ ...alone[3]!, sandbox: plain.sandbox });
    expect(alone[2]).to.deep.equal({ ...plain, effort: 'high' });
    expect(ran).to.deep.equal(
      mixed.map((each) => alone[[summary, model, effort, wide].indexOf(each)]),
    );
    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('do not outlive a failed turn', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));
    await failure(thread.run('changed', { options: other }));
    await codex.close();

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('do not outlive an interrupted turn', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = thread.runStreamed('changed', { options: other });
    for await (const event of turn) if (event.type === 'text.delta') break;
    await codex.close();

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('do not outlive a killed process: the next client that loads the thread restores its settings', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = thread.runStreamed('changed', { options: other });
    const events = turn[Symbol.asyncIterator]();
    let event = await events.next();
    while (event.done !== true && event.value.type !== 'text.delta') event = await events.next();
    process.kill(await processOf(codex), 'SIGKILL');
    await failure(turn.result());

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('do not outlive a kill if the thread is restored from a snapshot', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = thread.runStreamed('changed', { options: other });
    const events = turn[Symbol.asyncIterator]();
    let event = await events.next();
    while (event.done !== true && event.value.type !== 'text.delta') event = await events.next();
    const snapshot: unknown = JSON.parse(JSON.stringify(thread));
    process.kill(await processOf(codex), 'SIGKILL');
    await failure(turn.result());
    await using elsewhere = offline.client();

    expect(await ranWith(await elsewhere.restoreThread(snapshot))).to.deep.equal(plain);
  });

  it('are restored by the token alone, even in a client that still has the thread', async () => {
    const thread = codex.startThread(own);
    const { threadId, turnId } = await thread.run('first');
    await thread.release();
    const baseline = { effort: 'low' };
    const continuation = ContinuationToken.issue({ threadId, turnId, baseline });

    const again = await codex.resumeThread(threadId, { continuation });

    expect(await ranWith(again)).to.include({ effort: 'low' });
    expect(await ranWith(thread)).to.include({ effort: 'low' });
  });

  it('that cannot be restored are rejected before anything is sent', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    const sent = offline.model.requests.length;

    const error = await failure(
      thread.run('no', { options: { baseInstructions: 'Be brief', trustProject: true } }),
    );

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as ValidationError).problems.map(({ path }) => path)).to.have.members([
      'baseInstructions',
      'trustProject',
    ]);
    expect(offline.model.requests).to.have.length(sent);
  });

  it('are rejected in a client without the experimental API, which restores them', async () => {
    await codex.close();
    codex = offline.client({ experimentalApi: false });
    const thread = codex.startThread(own);
    await thread.run('first');

    const error = await failure(thread.run('no', { options: { modelReasoningEffort: 'low' } }));

    expect(error).to.be.instanceOf(ValidationError);
    expect(error).to.have.property('message').that.contains('experimentalApi: false');
    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('are the saved ones on resume: model, effort and provider are not sent', async () => {
    const { threadId } = await codex
      .startThread({ model: 'gpt-5', modelReasoningEffort: 'low' })
      .run('Hi');
    await codex.close();

    const ran = await ranElsewhere(threadId);

    expect(ran).to.include({ model: 'gpt-5', effort: 'low' });
  });

  describe('need few requests:', () => {
    let transport: FaultyTransport;
    let thread: Thread;

    beforeEach(async () => {
      transport = new FaultyTransport(offline.transport());
      codex = offline.client({ transport });
      thread = codex.startThread(own);
      await thread.run('first');
      transport.reset();
    });

    /** The requests since the last call. */
    function sent(): readonly unknown[] {
      const methods = transport.received.flatMap(({ message: { id, method } }) =>
        id === undefined || method === undefined || method === 'model/list' ? [] : [method],
      );
      transport.reset();
      return methods;
    }

    /** Runs a turn that ends only when its sandbox has been restored for the nth time. */
    async function changedSlowly(clone: Thread, nth: number): Promise<void> {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.gate(gate).message('Yes'));
      const turn = clone.run('changed');
      await gate.reached;
      await transport.whenReceived('thread/settings/update', nth);
      // Its reply follows that of the previous request.
      await codex.request('model/list', {});
      gate.open();
      await turn;
    }

    const tenStarts = Array.from({ length: 10 }, () => 'turn/start');

    async function repeated(times: number, run: () => Promise<unknown>): Promise<void> {
      for (let done = 0; done < times; done += 1) await run();
    }

    it('only the turn itself for each turn without changes', async () => {
      await repeated(10, async () => thread.run('plain'));

      expect(sent()).to.deep.equal(tenStarts);
    });

    it('one before ten turns with the same settings, and two after them', async () => {
      const clone = thread.clone({ options: { model: 'gpt-5', modelReasoningEffort: 'low' } });
      await repeated(10, async () => clone.run('changed'));
      const during = sent();
      const ran = settingsOf(offline.model.requests.at(-1));

      expect(during).to.deep.equal(['thread/attachment/add', ...tenStarts]);
      expect(ran).to.include({ model: 'gpt-5', effort: 'low' });
      expect(await ranWith(thread)).to.deep.equal(plain);
      expect(sent()).to.deep.equal([
        'thread/settings/update',
        'turn/start',
        'thread/attachment/remove',
      ]);
    });

    it('one for each turn with another sandbox, which is restored while the turn runs', async () => {
      const clone = thread.clone({ options: { sandboxMode: 'danger-full-access' } });
      await changedSlowly(clone, 1);
      await changedSlowly(clone, 2);
      const during = sent();
      await thread.run('plain');

      expect(during).to.deep.equal([
        'thread/attachment/add',
        'turn/start',
        'thread/settings/update',
        'turn/start',
        'thread/settings/update',
      ]);
      expect(sent()).to.deep.equal(['turn/start', 'thread/attachment/remove']);
    });

    it('none to restore settings that are sent with every turn', async () => {
      const effort = codex.startThread({ ...own, modelReasoningEffort: 'low' });
      await effort.run('first');
      await effort.run('changed', { options: { modelReasoningEffort: 'high' } });
      sent();

      expect(await ranWith(effort)).to.include({ effort: 'low' });
      expect(sent()).to.deep.equal(['turn/start', 'thread/attachment/remove']);
    });

    it('none to change from one model to another', async () => {
      await thread.run('changed', { options: { model: 'gpt-5' } });
      sent();

      await thread.run('changed', { options: { model: 'gpt-6-luna' } });

      expect(settingsOf(offline.model.requests.at(-1))).to.include({ model: 'gpt-6-luna' });
      expect(sent()).to.deep.equal(['turn/start']);
    });
  });
});
