import { expect } from 'chai';
import {
  CodexError,
  OutcomeUnknownError,
  QueuedApprovals,
  TransportError,
  TurnLostError,
  type Codex,
  type CodexOptionsRecord,
  type ThreadOptionsRecord,
} from '../../lib/index.js';
import type { ThreadItem } from '../../lib/protocol/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';
import { SpoiledCodex, type SpoilingActs } from '../spoiled-codex.js';

const usualAnswer = 'Hello brave new world';

/** A client whose processes die. */
class Mortal {
  readonly transport = new FaultyTransport();
  readonly codex: Codex;

  constructor(offline: OfflineCodex, options: CodexOptionsRecord = {}) {
    this.codex = offline.client({ transport: this.transport, ...options });
  }

  /** The number of the process to kill: the running one, or the first. */
  get generation(): number {
    return Math.max(1, this.transport.connections);
  }

  /** The error of a thread's first turn; checks that the next one works, and that no turn was sent twice. */
  async endOfFirstTurn(options: ThreadOptionsRecord = {}): Promise<unknown> {
    const { codex, transport, generation } = this;
    const thread = codex.startThread(options);
    const error = await failure(thread.run('One', { approvals: new QueuedApprovals() }));

    expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    expect((await codex.serverInfo()).generation).to.equal(generation + 1);
    const sent = transport.requests('turn/start').map((params) => params.clientUserMessageId);
    expect(new Set(sent).size).to.equal(sent.length);
    return error;
  }
}

describe('An app-server that dies', function () {
  this.timeout(15_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let mortal: Mortal;
  let spoiled: SpoiledCodex;
  let spoiledMortal: Mortal;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message(usualAnswer));
    mortal = new Mortal(offline);
    ({ transport } = mortal);
    spoiled = new SpoiledCodex(offline);
    spoiledMortal = new Mortal(offline, { maxFrameBytes: 65_536, ...spoiled.options });
    await Promise.all([mortal.codex.warmUp(), spoiledMortal.codex.warmUp()]);
  });

  beforeEach(() => {
    transport.reset();
    spoiledMortal.transport.reset();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The current process, not the next one. */
  function here(): { readonly generation: number } {
    return { generation: mortal.generation };
  }

  /** The error of a first turn with a fault on the running process. */
  async function endBy(
    fault: () => FaultyTransport,
    options: ThreadOptionsRecord = {},
  ): Promise<unknown> {
    fault();
    return mortal.endOfFirstTurn(options);
  }

  /** The error of a first turn whose process is spoiled. */
  async function endBySpoiling(
    at: string,
    acts: SpoilingActs,
    victim = spoiledMortal,
  ): Promise<unknown> {
    spoiled.at(at, acts);
    const error = await victim.endOfFirstTurn();
    expect(spoiled.isResolved).to.equal(true);
    return error;
  }

  /** Resolves once the client has noticed the exit and restarted codex-rs: earlier calls may be lost. */
  async function nextGeneration(generation: number): Promise<void> {
    while ((await mortal.codex.serverInfo()).generation === generation)
      await new Promise((resolve) => setImmediate(resolve));
  }

  const beforeTheTurn: Record<string, () => Promise<unknown>> = {
    'at the handshake': async () => {
      const starting = new Mortal(offline);
      starting.transport.on('initialize', { generation: 1 }).kill();
      return starting.endOfFirstTurn();
    },
    'at the login': async () =>
      endBySpoiling('"account/login/start"', { exit: 3 }, new Mortal(offline, spoiled.options)),
    'at the start of the thread': async () =>
      endBy(() => transport.on('thread/start', here()).kill()),
    'after the start of the thread': async () => endBySpoiling('"thread/started"', { exit: 0 }),
  };
  for (const [when, end] of Object.entries(beforeTheTurn))
    it(`${when} fails the turn with the cause of the exit`, async () => {
      expect(CodexError.is(await end())).to.equal(true);
    });

  const withoutAcknowledgement: Record<string, () => Promise<unknown>> = {
    'when the turn arrives': async () => endBy(() => transport.on('turn/start', here()).kill()),
    'before it acknowledges the turn': async () => endBySpoiling('"turn/start"', { exit: 1 }),
  };
  for (const [when, end] of Object.entries(withoutAcknowledgement))
    it(`${when} leaves the outcome unknown`, async () => {
      const error = await end();

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect((error as OutcomeUnknownError).cause).to.be.instanceOf(TransportError);
    });

  const inTheTurn: Record<string, () => Promise<unknown>> = {
    'right after it acknowledged the turn': async () =>
      endBy(() => transport.on('turn/start', { ...here(), when: 'after' }).kill()),
    'when the turn starts': async () =>
      endBy(() => transport.onMessage('turn/started', { ...here(), when: 'after' }).kill()),
    'at the first item': async () =>
      endBy(() => transport.onMessage('item/started', { ...here(), when: 'after' }).kill()),
    'in the middle of the text': async () => {
      offline.model.reply(ScriptedReply.deltas('Some', ' text'));
      return endBy(() =>
        transport.onMessage('item/agentMessage/delta', { ...here(), nth: 2 }).kill(),
      );
    },
    'when the answer is complete': async () =>
      endBy(() =>
        transport.onMessage('item/completed', { ...here(), nth: 2, when: 'after' }).kill(),
      ),
    'when it counts the tokens': async () =>
      endBySpoiling('"thread/tokenUsage/updated"', { exit: 1 }),
    'just before it ends the turn': async () =>
      endBy(() => transport.onMessage('turn/completed', here()).kill()),
    'in a command': async () => {
      offline.model.reply(ScriptedReply.shellCommand('sleep 1'));
      const where = ({ item }: { item: ThreadItem }): boolean => item.type === 'commandExecution';
      return endBy(() =>
        transport.onMessage('item/started', { ...here(), where, when: 'after' }).kill(),
      );
    },
    'while an approval is pending': async () => {
      offline.model.reply(ScriptedReply.shellCommand('sleep 1'));
      const asked = 'item/commandExecution/requestApproval';
      return endBy(() => transport.onMessage(asked, { ...here(), when: 'after' }).kill(), {
        approvalPolicy: 'untrusted',
      });
    },
    'in the middle of a line': async () =>
      endBySpoiling('"item/agentMessage/delta"', { write: '{"method":"item/agentMe', kill: true }),
    'by closing its standard output': async () =>
      endBySpoiling('"thread/tokenUsage/updated"', { close: true }),
  };
  for (const [when, end] of Object.entries(inTheTurn))
    it(`${when} loses a turn that was delivered`, async () => {
      const error = await end();

      expect(error).to.be.instanceOf(TurnLostError);
      expect(error).to.include({ delivered: true });
    });

  it('right after the turn does not change its result', async () => {
    const { generation } = mortal;
    transport.onMessage('turn/completed', { ...here(), when: 'after' }).kill();
    const thread = mortal.codex.startThread();

    const turn = await thread.run('One');
    await nextGeneration(generation);

    expect(turn.finalResponse).to.equal(usualAnswer);
    expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
  });

  it('in one turn loses the turns of the other threads, and each thread continues', async () => {
    const { generation, codex } = mortal;
    const never = new Gate();
    for (let waiting = 0; waiting < 2; waiting += 1)
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'wait',
        ScriptedReply.gate(never),
      );
    transport
      .onMessage('item/completed', {
        ...here(),
        where: ({ item }: { item: ThreadItem }) => item.type === 'agentMessage',
      })
      .kill();
    const threads = [codex.startThread(), codex.startThread(), codex.startThread()];
    const lost = threads.slice(1).map(async (thread) => failure(thread.run('wait')));
    await never.reachedBy(2);

    const errors = await Promise.all([failure(threads[0]!.run('die')), ...lost]);
    const next = await Promise.all(threads.map(async (thread) => thread.run('Two')));

    expect(errors.every((error) => error instanceof TurnLostError)).to.equal(true);
    expect(next.map(({ finalResponse }) => finalResponse)).to.deep.equal(
      threads.map(() => usualAnswer),
    );
    expect(transport.connections).to.equal(generation + 1);
  });

  it('keeps only the end of a large standard error', async () => {
    const error = (await endBySpoiling('"turn/started"', {
      flood: 2_000_000,
      exit: 9,
    })) as TurnLostError;

    expect(error).to.include({ exitCode: 9 });
    expect(error.stderrTail).to.contain('stderr stderr');
    expect(error.stderrTail.length).to.be.at.most(8192);
  });

  it('dies if it sends a line over the limit, and is replaced', async () => {
    const warning = { method: 'warning', params: { threadId: null, message: 'x'.repeat(70_000) } };

    const error = (await endBySpoiling('"thread/tokenUsage/updated"', {
      write: `${JSON.stringify(warning)}\n`,
    })) as TurnLostError;

    expect(error).to.be.instanceOf(TurnLostError);
    expect(error.cause).to.include({ code: 'frame-too-large' });
  });

  it('fails nothing if no call was pending', async () => {
    const { generation, codex } = mortal;
    const thread = codex.startThread();
    await thread.run('One');
    const { processId } = await codex.serverInfo();

    process.kill(processId!, 'SIGKILL');
    await nextGeneration(generation);

    expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    expect(transport.connections).to.equal(generation + 1);
  });

  it('before a thread with a requested id has run rejects its turns, and starts no other thread', async () => {
    transport.on('turn/start', here()).kill();
    const thread = mortal.codex.startThread();
    const threadId = await thread.open();

    const lost = await failure(thread.run('One'));
    const rejected = await failure(thread.run('Two'));

    expect(lost).to.be.instanceOf(OutcomeUnknownError);
    expect(rejected).to.include({ code: 'resume-rejected', reason: 'unknown-thread', threadId });
    expect(transport.requests('thread/start')).to.have.length(1);
  });
});

describe('An app-server that does not start', function () {
  this.timeout(15_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message(usualAnswer));
  });

  beforeEach(() => {
    transport = new FaultyTransport();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function client(options: CodexOptionsRecord = {}): Codex {
    return offline.client({ transport, ...options });
  }

  it('because it refuses the handshake is a typed error, and no process is left', async () => {
    transport.on('initialize').reject(-32600, 'not today');

    const error = await failure(client().startThread().run('One'));

    expect(error).to.be.instanceOf(TransportError);
    expect(error).to.include({ code: 'start-failed', retryable: false });
    expect((error as TransportError).message).to.contain('not today');
    expect(processesLeft()).to.deep.equal([]);
  });

  it('because it hangs in the handshake is a typed error, and no process is left', async () => {
    transport.on('initialize').stall();

    const error = await failure(client({ startupTimeoutMs: 600 }).startThread().run('One'));

    expect(error).to.be.instanceOf(TransportError);
    expect(error).to.include({ code: 'start-timeout', retryable: true });
    expect(processesLeft()).to.deep.equal([]);
  });

  it('because it is another program is a typed error, and no process is left', async () => {
    transport.on('initialize').answerAnything({ hello: 'world' });

    const error = await failure(client().warmUp());

    expect(error).to.include({ code: 'start-failed' });
    expect(processesLeft()).to.deep.equal([]);
  });

  for (const method of ['initialize', 'account/login/start', 'account/read'] as const)
    it(`because it does not answer ${method} does not delay close()`, async () => {
      const env = { ...offline.environment, OPENAI_API_KEY: 'spec-key-1234567890' };
      const login = method === 'account/read' ? { apiKey: undefined, env } : {};
      const codex = client(login);
      transport.on(method).stall();
      const started = failure(codex.warmUp());
      await transport.whenReceived(method);

      // The limit of this suite is well below the 30 s that a request may take.
      await codex.close();

      expect(await started).to.include({ code: 'closed' });
      expect(processesLeft()).to.deep.equal([]);
    });

  it('is tried once for all waiting calls, and again for later ones', async () => {
    transport.on('initialize', { generation: 1 }).reject(-32600, 'not yet');
    const codex = client();

    const errors = await Promise.all(
      [1, 2, 3].map(async () => failure(codex.startThread().run('One'))),
    );
    const turn = await codex.startThread().run('Two');

    expect(new Set(errors).size).to.equal(1);
    expect(turn.finalResponse).to.equal(usualAnswer);
    expect(transport.connections).to.equal(2);
  });
});
