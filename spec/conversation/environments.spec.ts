import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  EnvironmentError,
  ThreadStateError,
  ValidationError,
  type Codex,
  type CodexOptionsRecord,
  type ThreadEnvironment,
  type ThreadOptionsRecord,
  type TurnResult,
} from '../../lib/index.js';
import { ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { ExecServer } from '../exec-server.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { spawnOne } from './spawned-agents.js';

describe('Environments', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let server: ExecServer;
  let near: string;
  let files: number;

  before(async () => {
    offline = await OfflineCodex.start();
    server = await ExecServer.start(offline.home.path);
    files = 0;
  });

  beforeEach(async () => {
    near = await mkdtemp(join(offline.home.path, 'near-'));
    offline.model.otherwise(ScriptedReply.message('Done'));
  });

  after(async () => {
    await server.stop();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const client = (options: CodexOptionsRecord = {}): Codex =>
    offline.client({ environments: { far: { url: server.url } }, ...options });

  const plain = (): Codex => offline.client();

  const there = (): ThreadEnvironment => ({ name: 'far', workingDirectory: server.directory });

  type Kept = Omit<ThreadOptionsRecord, 'ephemeral'>;

  const options = (others: Kept = {}): Kept => ({
    model: 'mock-model',
    approvalPolicy: 'never',
    sandboxMode: 'danger-full-access',
    workingDirectory: near,
    environments: [there()],
    ...others,
  });

  /**
   * Makes the model write the place of its command to a new file; returns the reply, and a function that reads the
   * file.
   */
  function marker(): { readonly reply: () => void; readonly place: () => Promise<string> } {
    const file = `marker-${(files += 1)}`;
    return {
      reply: () => {
        offline.model.reply(ScriptedReply.shellCommand(`echo "$PLACE" > ${file}`));
      },
      place: async () => {
        const [here, far] = await Promise.all([readdir(near), readdir(server.directory)]);
        return [here.includes(file) ? 'near' : '', far.includes(file) ? 'far' : ''].join('');
      },
    };
  }

  /** The place where the command of a turn ran. */
  async function placeOf(run: () => Promise<unknown>): Promise<string> {
    const { reply, place } = marker();
    reply();
    await run();
    return place();
  }

  function outputOf({ items }: TurnResult): string {
    return items
      .flatMap((item) => (item.type === 'commandExecution' ? [item.aggregatedOutput ?? ''] : []))
      .join();
  }

  it('run the commands and patches of a thread, which shows them in its metadata', async () => {
    await using codex = client();
    const thread = codex.startThread(options());

    offline.model.reply(ScriptedReply.shellCommand('echo "$PLACE"; pwd'));
    const turn = await thread.run('Go');
    offline.model.reply(
      ScriptedReply.patch('*** Begin Patch\n*** Add File: patched\n+a\n*** End Patch'),
    );
    await thread.clone({ options: { model: 'gpt-5.5' } }).run('Go');

    expect(outputOf(turn).trim()).to.equal(`far\n${server.directory}`);
    expect(await readdir(server.directory)).to.include('patched');
    expect(await readdir(near)).to.deep.equal([]);
    const { environments } = await thread.read();
    expect(environments?.map(({ environmentId, cwd }) => [environmentId, cwd])).to.deep.equal([
      ['far', server.directory],
    ]);
  });

  it('apply to a thread that another client resumes, a fork, and a turn of a clone', async () => {
    await using codex = client();
    const { threadId } = await codex.startThread(options()).run('Go');
    await codex.close();
    await using next = client();
    const thread = await next.resumeThread(threadId, options());
    const other = { name: 'far', workingDirectory: join(server.directory, 'deeper') };
    await mkdir(other.workingDirectory);

    const resumed = await placeOf(async () => thread.run('Go'));
    const clone = thread.clone({ options: { environments: [other] } });
    offline.model.reply(ScriptedReply.shellCommand('pwd'));
    const moved = outputOf(await clone.run('Go'));
    const back = await placeOf(async () => thread.run('Go'));
    const fork = await thread.fork();
    const forked = await placeOf(async () => fork.run('Go'));
    const inMemory = await thread.fork({ ephemeral: true });
    const ephemeral = await placeOf(async () => inMemory.run('Go'));

    expect([resumed, back, forked, ephemeral]).to.deep.equal(['far', 'far', 'far', 'far']);
    expect(moved.trim()).to.equal(other.workingDirectory);
  });

  it('apply after a turn in another directory, when the directory is restored', async () => {
    await using codex = client();
    const thread = codex.startThread(options());
    const elsewhere = await mkdtemp(join(offline.home.path, 'elsewhere-'));
    await thread.run('Go');

    const clone = thread.clone({ options: { workingDirectory: elsewhere } });
    const places = [
      await placeOf(async () => clone.run('Go')),
      await placeOf(async () => thread.run('Go')),
      await placeOf(async () => thread.review({ target: 'uncommittedChanges' })),
    ];

    expect(places).to.deep.equal(['far', 'far', 'far']);
    expect(await readdir(elsewhere)).to.deep.equal([]);
  });

  it('apply to sub-agents', async () => {
    await using codex = client();
    const file = `child-${(files += 1)}`;
    let commands = 0;
    spawnOne(offline.model, () =>
      commands++ === 0
        ? ScriptedReply.shellCommand(`touch ${file}`)
        : ScriptedReply.message('Done'),
    );

    await codex.startThread(options()).run('Go');

    expect(await readdir(server.directory)).to.include(file);
    expect(await readdir(near)).to.deep.equal([]);
  });

  it('are added again to the codex-rs that replaces a killed one, before anything runs', async () => {
    await using codex = client();
    const thread = codex.startThread(options());
    await thread.run('Go');
    await crash(codex);

    const place = await placeOf(async () => thread.run('Go'));

    expect((await codex.serverInfo()).generation).to.equal(2);
    expect(place).to.equal('far');
  });

  describe('of a thread that is resumed without them', () => {
    let threadId: string;

    /** A thread whose goal codex-rs continues as soon as it is loaded. */
    before(async () => {
      await using codex = client();
      near = await mkdtemp(join(offline.home.path, 'near-'));
      ({ threadId } = await codex.startThread(options()).run('Go'));
      const goal = { objective: 'Go on', status: 'active', origin: 'user' } as const;
      await codex.request('thread/goal/set', { threadId, ...goal });
      await crash(codex);
    });

    it('reject it before it is loaded, in clients with and without environments', async () => {
      await using here = plain();
      await using far = client();
      const asked = offline.model.requests.length;

      for (const codex of [here, far]) {
        const error = await failure(codex.resumeThread(threadId));
        if (!ThreadStateError.is(error)) throw error;
        expect(error.code).to.equal('thread-in-environments');
        expect(error.message).to.include('Environments: far.');
      }

      expect(await here.loadedThreads()).to.deep.equal([]);
      expect(offline.model.requests).to.have.length(asked);
    });

    it('reject a fork of it, which would inherit its record', async () => {
      await using here = plain();

      const error = await failure(here.forkThread(threadId));

      if (!ThreadStateError.is(error)) throw error;
      expect(error.code).to.equal('thread-in-environments');
    });

    it('allow it if the caller requests that', async () => {
      await using here = plain();
      await here.request('thread/goal/clear', { threadId }).catch(() => undefined);
      const thread = await here.resumeThread(threadId, options({ environments: [] }));

      const place = await placeOf(async () => thread.run('Go'));
      await here.close();
      await using again = plain();
      const free = await again.resumeThread(threadId);

      expect([place, free.threadId]).to.deep.equal(['near', threadId]);
    });
  });

  it('are recorded before the first turn, and for sub-agents', async () => {
    await using codex = client();
    const threadId = await codex.startThread(options()).open();
    const stored = codex.request('thread/attachment/list', { threadId });
    expect((await stored).data.map(({ payload }) => payload)).to.deep.equal([[there()]]);
    spawnOne(offline.model, () => ScriptedReply.message('Done'));
    const parent = codex.startThread(options());
    await parent.run('Go');
    const agents: string[] = [];
    for await (const { threadId: id } of codex.listThreads({ sources: ['subAgentThreadSpawn'] }))
      agents.push(id);
    await codex.close();
    await using here = plain();

    const errors = await Promise.all(agents.map(async (id) => failure(here.resumeThread(id))));

    const codes = errors.map((error) => ThreadStateError.is(error) && error.code);
    expect([...new Set(codes)]).to.deep.equal(['thread-in-environments']);
  });

  it('are restored from a snapshot of the thread', async () => {
    await using codex = client();
    const thread = codex.startThread(options());
    await thread.run('Go');
    const snapshot: unknown = JSON.parse(JSON.stringify(thread));
    await codex.close();
    await using next = client();

    const restored = await next.restoreThread(snapshot);

    expect(await placeOf(async () => restored.run('Go'))).to.equal('far');
  });

  describe('whose exec-server is gone', () => {
    it('reject the turn with a typed error, nothing runs, and the thread continues once it is back', async () => {
      const gone = await ExecServer.start(offline.home.path, 'gone');
      await using codex = client({ environments: { gone: { url: gone.url } } });
      const place = { name: 'gone', workingDirectory: gone.directory };
      const thread = codex.startThread(options({ environments: [place] }));
      await gone.stop();
      const asked = offline.model.requests.length;

      const error = await failure(thread.run('Go'));

      if (!EnvironmentError.is(error)) throw error;
      expect([error.code, error.environment, error.retryable]).to.deep.equal([
        'environment-unreachable',
        'gone',
        true,
      ]);
      expect(offline.model.requests).to.have.length(asked);
      const port = Number(new URL(gone.url).port);
      const back = await ExecServer.start(offline.home.path, 'gone', { port });
      offline.model.reply(ScriptedReply.shellCommand('echo "$PLACE"'));
      expect(outputOf(await thread.run('Go')).trim()).to.equal('gone');
      await back.stop();
    });

    it('reject the turn even if it was connected before', async () => {
      const gone = await ExecServer.start(offline.home.path, 'gone');
      await using codex = client({ environments: { gone: { url: gone.url } } });
      const place = { name: 'gone', workingDirectory: gone.directory };
      const thread = codex.startThread(options({ environments: [place] }));
      await thread.run('Go');
      await gone.stop();

      const error = await failure(thread.run('Go'));

      if (!EnvironmentError.is(error)) throw error;
      expect(error.code).to.equal('environment-unreachable');
      const [report] = await codex.environments.list();
      expect([report?.status, report?.workingDirectory]).to.deep.equal(['disconnected', null]);
    });
  });

  describe('of a client', () => {
    it('are listed, and added later', async () => {
      await using codex = client({ environments: {} });
      expect(await codex.environments.list()).to.deep.equal([]);
      await codex.warmUp();

      await codex.environments.add('far', { url: server.url });

      const [far] = await codex.environments.list();
      expect(far).to.include({
        name: 'far',
        url: server.url,
        status: 'ready',
        error: null,
        workingDirectory: server.directory,
      });
      await crash(codex);
      const place = await placeOf(async () => codex.startThread(options()).run('Go'));
      expect(place).to.equal('far');
    });

    it('accept a token', async () => {
      const token = 'exec-token-1234567890';
      const file = join(offline.home.path, 'exec-token');
      await writeFile(file, token);
      const args = ['--ws-auth', 'capability-token', '--ws-token-file', file];
      const guarded = await ExecServer.start(offline.home.path, 'guarded', { args });
      await using codex = client({
        environments: { right: { url: guarded.url, token }, wrong: { url: guarded.url } },
      });

      const reports = await codex.environments.list();

      expect(reports.map(({ status }) => status)).to.deep.equal(['ready', 'disconnected']);
      expect(JSON.stringify(codex.options)).to.not.include(token);
      await guarded.stop();
    });

    it('exclude every command on its own machine', async () => {
      await using codex = client();

      const errors = await Promise.all([
        failure(codex.request('command/exec', { command: ['true'] })),
        failure(
          codex.request('thread/start', {
            cwd: near,
            environments: [{ environmentId: 'local', cwd: near }],
          }),
        ),
      ]);

      expect(errors.map(String).join()).to.match(/local environment is not.*unknown turn env/s);
      expect((await codex.doctor()).problems.map(({ check }) => check)).to.not.include('sandbox');
    });

    it('are rejected if codex-rs still runs commands on its own machine', async () => {
      const other = await TemporaryCodexHome.create();
      await other.write('environments.toml', 'include_local = true\n');
      await using wrong = client({ codexHome: other.path });

      const error = await failure(wrong.startThread(options()).run('Go'));

      if (!EnvironmentError.is(error)) throw error;
      expect(error.code).to.equal('local-environment');
      await wrong.close();
      await other.remove();
    });

    it('are selected by each of its threads', () => {
      const [codex, here] = [client(), plain()];
      const reasonOf = (build: () => unknown): string => {
        try {
          build();
        } catch (error) {
          if (ValidationError.is(error)) return error.problems.map(({ path }) => path).join();
          throw error;
        }
        return '';
      };

      expect([
        reasonOf(() => codex.startThread()),
        reasonOf(() => codex.startThread({ environments: [{ ...there(), name: 'other' }] })),
        reasonOf(() => here.thread().withEnvironments(there()).build()),
        reasonOf(() => codex.thread().withEnvironments(there()).build()),
      ]).to.deep.equal(['environments', 'environments[0].name', 'environments[0].name', '']);
    });

    it('do not support an idempotency key on a first turn, only on later ones', async () => {
      await using codex = client();
      const early = codex.startThread(options());
      const error = await failure(early.run('Go', { idempotencyKey: 'one' }));
      const thread = codex.startThread(options());
      await thread.run('Go');

      if (!ValidationError.is(error)) throw error;
      expect(error.problems.map(({ path }) => path)).to.deep.equal(['idempotencyKey']);
      expect((await thread.run('Go', { idempotencyKey: 'two' })).finalResponse).to.equal('Done');
    });
  });
});
