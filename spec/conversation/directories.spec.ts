import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ValidationError, type Thread, type ThreadOptionsRecord } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The directory of a turn', () => {
  const started = process.cwd();
  let codex: OfflineCodex;
  let scratch: string;

  before(async () => {
    codex = await OfflineCodex.start();
    scratch = realpathSync(mkdtempSync(join(homedir(), '.codex-threads-spec-')));
  });

  beforeEach(() => {
    codex.model.otherwise(ScriptedReply.message('Done'));
  });

  afterEach(() => {
    process.chdir(started);
  });

  after(async () => {
    await codex[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
    await noProcessLeft();
  });

  function directory(name: string): string {
    const path = join(scratch, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** The working directory of the commands of a turn. */
  async function placeOf(thread: Thread): Promise<string | undefined> {
    codex.model.reply(ScriptedReply.shellCommand('pwd -P'), ScriptedReply.message('Done'));
    const { items } = await thread.run('Where are you?');
    const command = items.find((item) => item.type === 'commandExecution');
    return command?.aggregatedOutput?.trim().split('\n').at(-1);
  }

  async function refusal(thread: Thread, options?: ThreadOptionsRecord): Promise<string> {
    const { requests } = codex.model;
    const asked = requests.length;
    const error = await failure(thread.run('Hello', options === undefined ? {} : { options }));
    expect(error).to.be.instanceOf(ValidationError);
    expect(codex.model.requests).to.have.length(asked);
    return (error as ValidationError).problems
      .map(({ path, reason }) => `${path} ${reason}`)
      .join();
  }

  it('is rejected if it is missing or a file, for the thread and for a single turn', async () => {
    const client = codex.client();
    const missing = join(scratch, 'missing');
    const file = join(scratch, 'file');
    writeFileSync(file, '');

    expect(await refusal(client.startThread({ workingDirectory: missing }))).to.equal(
      `workingDirectory does not exist, got ${JSON.stringify(missing)}`,
    );
    expect(await refusal(client.startThread(), { workingDirectory: file })).to.equal(
      `workingDirectory is not a directory, got ${JSON.stringify(file)}`,
    );
    expect(
      await refusal(
        client.startThread({
          workingDirectory: scratch,
          sandboxMode: 'workspace-write',
          additionalDirectories: [scratch, missing],
        }),
      ),
    ).to.equal(`additionalDirectories[1] does not exist, got ${JSON.stringify(missing)}`);
  });

  it('is rejected if it was removed between two turns, and after a resume', async () => {
    const client = codex.client();
    const named = client.startThread({ workingDirectory: directory('named') });
    process.chdir(directory('usual'));
    const usual = client.startThread();
    process.chdir(scratch);
    for (const thread of [named, usual]) await thread.run('Hello');

    rmSync(join(scratch, 'named'), { recursive: true });
    rmSync(join(scratch, 'usual'), { recursive: true });

    expect(await refusal(named)).to.include('workingDirectory does not exist');
    const gone = `workingDirectory is not set, and the previous working directory of the thread (${scratch}/usual) does not exist: pass an existing directory`;
    expect(await refusal(usual)).to.equal(gone);
    await usual.release();
    expect(await refusal(await codex.client().resumeThread(usual.threadId!))).to.equal(gone);
  });

  it('defaults to that of the process at the time the thread is built', async () => {
    const client = codex.client();
    await client.warmUp();
    process.chdir(directory('one'));
    const unnamed = client.startThread();
    const dot = client.startThread({ workingDirectory: '.' });
    process.chdir(directory('two'));

    expect(await placeOf(unnamed)).to.equal(join(scratch, 'one'));
    expect(await placeOf(dot)).to.equal(join(scratch, 'one'));
    expect(await placeOf(client.startThread())).to.equal(join(scratch, 'two'));
  });

  it('need not be the directory of the process', async () => {
    process.chdir(directory('release'));
    rmSync(join(scratch, 'release'), { recursive: true });
    const client = codex.client();

    expect(await refusal(client.startThread())).to.equal(
      'workingDirectory is not set, and the current directory of this process no longer exists: pass an existing directory',
    );
    expect(() => client.startThread({ workingDirectory: 'here' }))
      .to.throw(ValidationError)
      .with.property('message')
      .that.contains('must be absolute');
    expect(await placeOf(client.startThread({ workingDirectory: scratch }))).to.equal(scratch);
  });

  it('is never that of codex-rs, which runs in its home', async () => {
    const client = codex.client();
    process.chdir(directory('requests'));
    const here = process.cwd();

    const { stdout } = await client.request('command/exec', { command: ['pwd', '-P'] });
    const { cwd } = await client.request('thread/start', { cwd: '..' });
    const { data } = await client.request('skills/list', {});

    expect([stdout.trim(), cwd, data.map((entry) => entry.cwd)]).to.deep.equal([
      here,
      scratch,
      [here],
    ]);
    const { processId } = await client.serverInfo();
    expect(readlinkSync(`/proc/${processId}/cwd`)).to.equal(realpathSync(codex.home.path));
  });
});
