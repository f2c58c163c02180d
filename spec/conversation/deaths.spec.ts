import { expect } from 'chai';
import {
  CodexError,
  OutcomeUnknownError,
  TransportError,
  TurnLostError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import type { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { failure } from '../failure.js';
import { FaultyCodex } from '../faulty-codex.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';

const usualAnswer = 'Hello brave new world';
const first = { generation: 1 } as const;
const approvalRequest = JSON.stringify({
  id: 7,
  method: 'item/commandExecution/requestApproval',
  params: { kind: 'command', threadId: 'a', turnId: 'b', itemId: 'c', command: 'ls' },
});

describe('An app-server that dies', function () {
  this.timeout(15_000);
  let codex: FaultyCodex;

  beforeEach(async () => {
    codex = await FaultyCodex.create();
  });

  afterEach(async () => {
    await codex[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** What the thread's first turn ends with; the next one works, and no turn was sent twice. */
  async function endOfFirstTurn(client: Codex = codex.client()): Promise<unknown> {
    const thread = client.startThread();
    const error = await failure(thread.run('One'));

    expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    expect((await client.serverInfo()).generation).to.equal(2);
    const sent = codex.server.requests('turn/start').map((params) => params.clientUserMessageId);
    expect(new Set(sent).size).to.equal(sent.length);
    return error;
  }

  /** Resolves once the client has noticed the death and started anew: what is sent before may be lost. */
  async function nextGeneration(client: Codex): Promise<void> {
    while ((await client.serverInfo()).generation === 1)
      await new Promise((resolve) => setImmediate(resolve));
  }

  const beforeTheTurn: Record<string, (server: FaultyAppServer) => void> = {
    'at the handshake': (server) => server.on('initialize', first).kill(),
    'at the login': (server) => server.on('account/login/start', first).exit(3),
    'at the start of the thread': (server) => server.on('thread/start', first).kill(),
    'after the start of the thread': (server) =>
      server.on('thread/start', { ...first, when: 'after' }).exit(0),
  };
  for (const [when, arrange] of Object.entries(beforeTheTurn))
    it(`${when} fails the turn with what ended the process`, async () => {
      arrange(codex.server);

      expect(CodexError.is(await endOfFirstTurn())).to.equal(true);
    });

  const withoutAcknowledgement: Record<string, (server: FaultyAppServer) => void> = {
    'when the turn arrives': (server) => server.on('turn/start', first).kill(),
    'before it acknowledges the turn': (server) =>
      server.on('turn/start', first).dropReply().on('turn/start', first).exit(1),
  };
  for (const [when, arrange] of Object.entries(withoutAcknowledgement))
    it(`${when} leaves the outcome unknown`, async () => {
      arrange(codex.server);

      const error = await endOfFirstTurn();

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect((error as OutcomeUnknownError).cause).to.be.instanceOf(TransportError);
    });

  const inTheTurn: Record<string, (server: FaultyAppServer) => void> = {
    'right after it acknowledged the turn': (server) =>
      server.on('turn/start', { ...first, when: 'after' }).kill(),
    'when the turn starts': (server) => server.onNotification('turn/started', first).kill(),
    'at the first item': (server) => server.onNotification('item/started', first).kill(),
    'in the middle of the text': (server) =>
      server.onNotification('item/agentMessage/delta', { ...first, nth: 2 }).kill(),
    'when the answer is complete': (server) =>
      server.onNotification('item/completed', { ...first, nth: 2, when: 'after' }).kill(),
    'when it counts the tokens': (server) =>
      server.onNotification('thread/tokenUsage/updated', first).exit(1),
    'just before it ends the turn': (server) =>
      server.onNotification('turn/completed', first).kill(),
    'in a command': (server) =>
      server.plays(new FaultyTurn().command('sleep 1', { keepsRunning: true }).kill(), first),
    'while an approval waits for its answer': (server) =>
      server.plays(new FaultyTurn().raw(`${approvalRequest}\n`).kill(), first),
    'in the middle of a line': (server) =>
      server.plays(new FaultyTurn().raw('{"method":"item/agentMe').kill(), first),
    'by closing its standard output': (server) =>
      server.plays(new FaultyTurn().message('Some').closeStdout(), first),
  };
  for (const [when, arrange] of Object.entries(inTheTurn))
    it(`${when} loses a turn that was delivered`, async () => {
      arrange(codex.server);

      const error = await endOfFirstTurn();

      expect(error).to.be.instanceOf(TurnLostError);
      expect(error).to.include({ delivered: true });
    });

  it('right after the turn leaves its result as it is', async () => {
    codex.server.onNotification('turn/completed', { ...first, when: 'after' }).kill();
    const client = codex.client();
    const thread = client.startThread();

    const turn = await thread.run('One');
    await nextGeneration(client);

    expect(turn.finalResponse).to.equal(usualAnswer);
    expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
  });

  it('in one turn loses those of the other threads, and each goes on', async () => {
    codex.server
      .plays(new FaultyTurn().waitFor('never'), { ...first, input: 'wait', times: 0 })
      .plays(new FaultyTurn().message('Last words').kill(), { ...first, input: 'die' });
    const client = codex.client();
    const threads = [client.startThread(), client.startThread(), client.startThread()];
    const lost = threads.slice(1).map(async (thread) => failure(thread.run('wait')));
    await codex.server.whenReceived('turn/start', 2);

    const errors = await Promise.all([failure(threads[0]!.run('die')), ...lost]);
    const next = await Promise.all(threads.map(async (thread) => thread.run('Two')));

    expect(errors.every((error) => error instanceof TurnLostError)).to.equal(true);
    expect(next.map(({ finalResponse }) => finalResponse)).to.deep.equal(
      threads.map(() => usualAnswer),
    );
    expect(codex.server.starts).to.have.length(2);
  });

  it('keeps only the end of a flood on its standard error', async () => {
    codex.server.plays(new FaultyTurn().floodStderr(2_000_000).exit(9), first);

    const error = (await endOfFirstTurn()) as TurnLostError;

    expect(error).to.include({ exitCode: 9 });
    expect(error.stderrTail).to.contain('stderr stderr');
    expect(error.stderrTail.length).to.be.at.most(8192);
  });

  it('does so when it sends more than is read of one line, and the next one serves', async () => {
    codex.server.plays(new FaultyTurn().message('Some').hugeFrame(70_000), first);

    const error = (await endOfFirstTurn(codex.client({ maxFrameBytes: 65_536 }))) as TurnLostError;

    expect(error).to.be.instanceOf(TurnLostError);
    expect(error.cause).to.include({ code: 'frame-too-large' });
  });

  it('takes nothing with it when nobody waited', async () => {
    const client = codex.client();
    const thread = client.startThread();
    await thread.run('One');
    const { processId } = await client.serverInfo();

    process.kill(processId!, 'SIGKILL');
    await nextGeneration(client);

    expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    expect(codex.server.starts).to.have.length(2);
  });

  it('before a thread whose id was asked for has run rejects its turns, and starts no other one', async () => {
    codex.server.on('turn/start', first).kill();
    const thread: Thread = codex.client().startThread();
    const threadId = await thread.open();

    const lost = await failure(thread.run('One'));
    const rejected = await failure(thread.run('Two'));

    expect(lost).to.be.instanceOf(OutcomeUnknownError);
    expect(rejected).to.include({ code: 'resume-rejected', reason: 'unknown-thread', threadId });
    expect(codex.server.requests('thread/start')).to.have.length(1);
  });
});

describe('An app-server that does not start', function () {
  this.timeout(15_000);
  let codex: FaultyCodex;

  beforeEach(async () => {
    codex = await FaultyCodex.create();
  });

  afterEach(async () => {
    await codex[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('because it refuses the handshake is a typed error, and no process is left', async () => {
    codex.server.refuseHandshake('not today');

    const error = await failure(codex.client().startThread().run('One'));

    expect(error).to.be.instanceOf(TransportError);
    expect(error).to.include({ code: 'start-failed', retryable: false });
    expect((error as TransportError).message).to.contain('not today');
    expect(processesLeft()).to.deep.equal([]);
  });

  it('because it hangs in the handshake is a typed error, and no process is left', async () => {
    codex.server.hangHandshake();

    const error = await failure(codex.client({ startupTimeoutMs: 600 }).startThread().run('One'));

    expect(error).to.be.instanceOf(TransportError);
    expect(error).to.include({ code: 'start-timeout', retryable: true });
    expect(processesLeft()).to.deep.equal([]);
  });

  it('because it is something else is a typed error, and no process is left', async () => {
    codex.server.on('initialize').answerAnything({ hello: 'world' });

    const error = await failure(codex.client().warmUp());

    expect(error).to.include({ code: 'start-failed' });
    expect(processesLeft()).to.deep.equal([]);
  });

  it('is tried once for all who wait, and again for those who come later', async () => {
    codex.server.on('initialize', first).reject(-32600, 'not yet');
    const client = codex.client();

    const errors = await Promise.all(
      [1, 2, 3].map(async () => failure(client.startThread().run('One'))),
    );
    const turn = await client.startThread().run('Two');

    expect(new Set(errors).size).to.equal(1);
    expect(turn.finalResponse).to.equal(usualAnswer);
    expect(codex.server.starts).to.have.length(2);
  });
});
