import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ValidationError } from '../../lib/errors.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient, ProgramClient, type RawClient } from './raw-client.js';

/** A script that uses every part of the format. */
function everything(): FaultyAppServer {
  const child = new FaultyTurn().message('child');
  const turn = new FaultyTurn()
    .message('a', { deltas: ['b'], phase: 'commentary', completion: 'late' })
    .reasoning(['why'], ['because'])
    .command('ls', { output: ['x'], exitCode: 3, approval: { reason: 'r' }, keepsRunning: true })
    .fileChange([{ path: '/a', kind: { type: 'add' }, diff: 'x' }], { approval: true })
    .toolCall({ tool: 't', namespace: 'n', arguments: { a: 1 } })
    .item({ type: 'plan', id: 'p', text: 'plan' }, 'started')
    .unknownItemType()
    .usage({ inputTokens: 7 })
    .retrying({
      message: 'again',
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
    })
    .request('item/tool/requestUserInput', { questions: [] }, { copies: 2, resolvedBy: 'g' })
    .requestAnything('made/up')
    .subAgent(child)
    .subAgentInBackground(child)
    .waitFor('gate')
    .silence()
    .fail({ message: 'no', additionalDetails: 'really' })
    .interrupt()
    .complete()
    .exit(3)
    .kill()
    .garbage()
    .raw('{"half')
    .blankLines(2)
    .hugeFrame(1000)
    .floodStderr(10)
    .unknownNotification()
    .unknownServerRequest()
    .notify('skills/changed', {})
    .notifyAnything('x/y', [1])
    .closeStdout()
    .stopReadingStdin()
    .freeze()
    .acknowledged('afterStarted')
    .withoutUsage();
  return new FaultyAppServer()
    .plays(turn, { input: 'hi', times: 0, generation: 1 })
    .on('thread/list')
    .overloaded(2)
    .on('turn/start', { nth: 2, times: 3, generation: 1, when: 'after' })
    .exit()
    .on('thread/read')
    .dropReply()
    .on('thread/read')
    .stall()
    .on('thread/read')
    .delayUntil('g')
    .on('thread/read')
    .delayReplyUntil('g')
    .on('thread/read')
    .replyTwice()
    .on('thread/read')
    .replyOutOfOrder()
    .on('thread/read')
    .reject(-1, 'm', { d: 1 })
    .on('account/logout')
    .answer({})
    .on('thread/read')
    .answerAnything('x')
    .on('thread/read')
    .extraFields()
    .onNotification('turn/started')
    .drop()
    .onNotification('turn/started')
    .duplicate()
    .onNotification('turn/started')
    .holdUntil('g')
    .onNotification('turn/started', { nth: 1, when: 'after' })
    .kill()
    .onNotification('turn/started')
    .extraFields()
    .refuseHandshake()
    .hangHandshake()
    .ignoreSigterm()
    .ignoreStdinEnd()
    .splitUtf8()
    .extraFields()
    .duplicateNotifications()
    .account({ type: 'apiKey' })
    .models([])
    .version('codex-cli 1.2.3')
    .lifetime(5000)
    .inDirectory('/nowhere');
}

function problemsOf(act: () => unknown): readonly { path: string; reason: string }[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ValidationError) return error.problems;
    throw error;
  }
  return [];
}

describe('FaultyScriptReader', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(homedir(), '.codex-threads-spec-'));
  });

  afterEach(async () => {
    const left = await ProgramClient.endAll();
    await rm(directory, { recursive: true });
    expect(left).to.deep.equal([]);
  });

  describe('its script', () => {
    it('is the same after JSON', () => {
      const script = JSON.parse(JSON.stringify(everything())) as unknown;

      const again = FaultyAppServer.fromJSON(script);

      expect(again.toJSON()).to.deep.equal(everything().toJSON());
      expect(JSON.parse(again.environment().FAULTY_APP_SERVER)).to.deep.equal(script);
    });

    it('plays in the program what it plays in memory', async () => {
      const faulty = new FaultyAppServer().plays(
        new FaultyTurn()
          .reasoning(['Hm'])
          .command('ls', { output: ['a\n'] })
          .message('Grüße 👋'),
      );
      const inMemory = new InMemoryClient(faulty);
      const program = new ProgramClient(faulty);

      await inMemory.playTurn(await inMemory.begin());
      await program.playTurn(await program.begin());
      await program.leave();

      expect(program.methods).to.deep.equal(inMemory.methods);
      const texts = (client: RawClient): string[] =>
        client.told('item/agentMessage/delta').map(({ params }) => params.delta);
      expect(texts(program)).to.deep.equal(['Grüß', 'e 👋']);
      expect(texts(program)).to.deep.equal(texts(inMemory));
    });

    it('is read from a file when the variable names one', async () => {
      const faulty = new FaultyAppServer().refuseHandshake('not today').inDirectory(directory);
      const path = join(directory, 'script.json');
      await writeFile(path, JSON.stringify(faulty));
      const client = new ProgramClient(faulty, ['app-server'], { FAULTY_APP_SERVER: path });

      const { error } = await client.handshake();
      await client.leave();

      expect(error.message).to.equal('not today');
    });

    it('is refused with every problem at once', () => {
      const script = {
        turns: [{ steps: [{ type: 'mesage', text: 'x' }, { type: 'message' }], repeats: 1 }],
        faults: [
          { request: 'turn/start', nth: 0, do: { type: 'exit', code: 'one' } },
          { notification: 'turn/started', do: { type: 'dropReply' } },
          { request: 'turn/start', when: 'after', do: { type: 'stall' } },
          null,
        ],
        server: { ignoreSigterm: true },
        directory: 'relative',
      };

      const problems = problemsOf(() => FaultyAppServer.fromJSON(script));

      expect(problems.map(({ path }) => path)).to.deep.equal([
        'turns[0].repeats',
        'turns[0].steps[0].type',
        'turns[0].steps[1].text',
        'faults[0].nth',
        'faults[0].do.code',
        'faults[1].do.type',
        'faults[2].when',
        'faults[3]',
        'server.ignoreSigterm',
        'directory',
      ]);
    });

    it('names the wrong value and what would be right', () => {
      const [problem] = problemsOf(() =>
        new FaultyAppServer().on('turn/start', { nth: 0.5 }).kill(),
      );

      expect(problem).to.deep.equal({
        path: 'faults[0].nth',
        reason: 'must be a whole number from 1 on, got 0.5',
      });
    });

    it('is refused verb by verb', () => {
      const faulty = new FaultyAppServer();

      expect(() => faulty.on('turn/start').garbage('two\nlines')).to.throw(ValidationError);
      expect(() => faulty.on('turn/start').delayUntil('../gate')).to.throw(ValidationError);
      expect(() => faulty.plays(new FaultyTurn().hugeFrame(3))).to.throw(ValidationError);
      expect(() => faulty.gate('../gate')).to.throw(ValidationError);
      expect(faulty.toJSON()).to.deep.equal({ turns: [], faults: [], server: {} });
    });

    it('is refused by the program with exit code 64', async () => {
      const faulty = new FaultyAppServer().on('turn/start', { generation: 2 }).kill();
      const client = new ProgramClient(faulty);

      expect(await client.end()).to.deep.equal({ code: 64, signal: null });
      expect(client.stderr).to.include('directory: is needed by a program that counts generations');
    });

    it('is refused by the program when it is no JSON', async () => {
      const client = new ProgramClient(new FaultyAppServer(), ['app-server'], {
        FAULTY_APP_SERVER: '{nonsense',
      });

      expect(await client.end()).to.deep.equal({ code: 64, signal: null });
      expect(client.stderr).to.include('is no JSON');
    });

    it('is too long for a variable from 120,000 bytes on', () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().message('x'.repeat(120_000)));

      expect(() => faulty.environment()).to.throw(ValidationError, 'write it to a file');
    });

    it('cannot get a directory once it runs', () => {
      const faulty = new FaultyAppServer();
      faulty.connection();

      expect(() => faulty.inDirectory(directory)).to.throw('comes too late');
    });

    it('may grow while the server runs', async () => {
      const faulty = new FaultyAppServer();
      const client = new InMemoryClient(faulty);
      await client.handshake();

      faulty.on('thread/start').reject(-32600, 'from now on');

      expect((await client.call('thread/start')).error.message).to.equal('from now on');
    });
  });
});
