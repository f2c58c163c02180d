import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ValidationError, type Codex } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { png } from '../images.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { ListeningCodex } from './listening-codex.js';

describe('On an external server', function () {
  this.timeout(30_000);
  let server: ListeningCodex;
  let codex: Codex;
  let folder: string;

  before(async () => {
    server = await ListeningCodex.start();
    codex = server.client();
    folder = await mkdtemp(join(homedir(), '.codex-threads-here-'));
    server.model.otherwise(ScriptedReply.message('Seen.'));
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
    await noProcessLeft();
  });

  it('a local image is sent as data', async () => {
    const path = join(folder, 'shot.png');
    await writeFile(path, png);
    const { items } = await codex.startThread({ workingDirectory: server.home.path }).run([
      { type: 'text', text: 'What is it?' },
      { type: 'localImage', path },
    ]);
    const message = items.find((item) => item.type === 'userMessage');
    expect(JSON.stringify(message)).to.contain('data:image/png;base64,');
    expect(JSON.stringify(server.model.requests.at(-1)?.body)).to.contain('data:image/png;base64,');
  });

  it('a working directory that does not exist on the server is refused', async () => {
    const thread = codex.startThread({
      sandboxMode: 'workspace-write',
      workingDirectory: '/no/such/directory',
      additionalDirectories: [join(server.home.path, 'token')],
    });
    const before = server.model.requests.length;
    const error = await failure(thread.run('Hello'));
    if (!ValidationError.is(error)) throw error;
    expect(error.problems.map(({ path, reason }) => `${path} ${reason}`)).to.deep.equal([
      'workingDirectory does not exist on the server, got "/no/such/directory"',
      `additionalDirectories[0] is not a directory on the server, got "${join(server.home.path, 'token')}"`,
    ]);
    expect(server.model.requests).to.have.length(before);
  });

  it('a thread without one works in the directory of the server, not of this process', async () => {
    const thread = codex.startThread();
    await thread.run('Hello');
    expect(thread.metadata?.workingDirectory).to.equal(server.home.path);
  });

  it('the account belongs to the server: a login for this client alone is refused', async () => {
    expect(await codex.account.read()).to.include({ type: 'apiKey' });
    const error = await failure(codex.account.loginWithApiKey('spec-key-of-another-user'));
    expect(error).to.be.instanceOf(ValidationError);
    expect(String(error))
      .to.contain('one login for all of its users')
      .and.not.contain('another-user');
    await codex.account.loginWithApiKey('spec-key-of-everybody', { store: 'home' });
    const { OPENAI_API_KEY: key } = JSON.parse(
      await readFile(join(server.home.path, 'auth.json'), 'utf8'),
    ) as { OPENAI_API_KEY: string };
    expect(key).to.equal('spec-key-of-everybody');
  });

  it('doctor() reports what is available', async () => {
    const { binary, home, homeIsWritable, account, version, roundTripMs, problems } =
      await codex.doctor();
    expect({ binary, home, homeIsWritable, account, problems }).to.deep.equal({
      binary: null,
      home: server.home.path,
      homeIsWritable: null,
      account: 'apiKey',
      problems: [],
    });
    expect(version).to.be.a('string');
    expect(roundTripMs).to.be.greaterThan(0);
  });

  it('doctor() reports an unreachable server', async () => {
    const other = server.client({ transport: server.transport({ token: 'another-token-12345' }) });
    const { problems, version } = await other.doctor();
    expect(version).to.equal(null);
    expect(problems.map(({ check }) => check)).to.deep.equal(['start']);
    expect(JSON.stringify(problems)).to.contain('401').and.not.contain('another-token');
  });
});
