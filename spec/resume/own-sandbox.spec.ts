import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  ContinuationToken,
  telemetry,
  type Codex,
  type ResumeOptions,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { copyRollouts } from '../rollouts.js';
import { noProcessLeft } from '../root-hooks.js';

const fullAccess = { sandboxMode: 'danger-full-access', approvalPolicy: 'never' } as const;
const readOnly = 'Read-only file system';

interface Left {
  readonly threadId: string;
  readonly turnId: string;
  /** The token of the previous turn, and of the killed turn, if any. */
  readonly before: string;
  readonly during: string;
  readonly snapshot: unknown;
}

describe('The sandbox of a thread', function () {
  this.timeout(30_000);
  const left = new Map<string, Left>();
  const problems: string[] = [];
  let warnings: readonly string[] = [];
  let offline: OfflineCodex;
  let workspace: TemporaryCodexHome;
  let outside: TemporaryCodexHome;
  let home: TemporaryCodexHome;
  let here: Codex;
  /** A client in another home that contains only the rollouts. */
  let there: Codex;
  /** A client that shares the home, with its own database. */
  let beside: Codex;
  let signing: Codex;
  let files = 0;
  let forget: (() => void)[];

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    [workspace, outside, home] = await Promise.all([
      TemporaryCodexHome.create(),
      TemporaryCodexHome.create(),
      TemporaryCodexHome.create(),
    ]);
    const codex = offline.client();
    await killTurns(codex);
    const writable = { sandboxMode: 'workspace-write', workingDirectory: workspace.path } as const;
    const wider = { ...writable, additionalDirectories: [outside.path] };
    for (const name of ['by id only', 'by token', 'by snapshot', 'chosen'])
      await leave(name, codex.startThread(writable));
    for (const name of ['forged full', 'forged roots']) await leave(name, codex.startThread());
    await leave('full', codex.startThread(fullAccess));
    await leave('unsigned', codex.startThread(wider));
    await codex.close();
    const secret = { continuationSecret: 'a-secret-of-this-service' };
    const signer = offline.client(secret);
    await leave('signed', signer.startThread(wider));
    await signer.close();
    copyRollouts(offline.home.path, home.path);
    here = offline.client();
    there = offline.client({ codexHome: home.path });
    beside = offline.client({ sqliteHome: join(home.path, 'sqlite') });
    signing = offline.client({ ...secret, codexHome: home.path });
  });

  beforeEach(() => {
    problems.length = 0;
    forget = [
      telemetry.problem.subscribe(({ during }) => problems.push(during)),
      telemetry.resumeAccept.subscribe((message) => {
        warnings = message.warnings;
      }),
    ];
  });

  afterEach(() => {
    for (const each of forget) each();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await Promise.all([workspace.remove(), outside.remove(), home.remove()]);
    await noProcessLeft();
  });

  async function leave(name: string, thread: Thread): Promise<void> {
    const { threadId, turnId, continuation } = await thread.run('One');
    const before = String(continuation);
    const snapshot: unknown = JSON.parse(JSON.stringify(thread));
    left.set(name, { threadId, turnId, before, during: before, snapshot });
  }

  /** Threads whose codex-rs is killed during a turn with full access. */
  async function killTurns(codex: Codex): Promise<void> {
    const lost: Promise<unknown>[] = [];
    for (const name of ['by id', 'before', 'during']) {
      const thread = codex.startThread();
      await leave(name, thread);
      const file = join(outside.path, name);
      const gate = new Gate();
      offline.model.reply(
        ScriptedReply.shellCommand(`touch "${file}"`),
        ScriptedReply.gate(gate).message('Never'),
      );
      lost.push(failure(thread.run('Two', { options: fullAccess })));
      await gate.reached;
      expect(existsSync(file), 'the turn had full access').to.equal(true);
      left.set(name, { ...leftOf(name), during: String(thread.continuation) });
    }
    for (const name of ['over, by id', 'over, beside']) {
      await leave(name, codex.startThread());
      const over = codex.notifications({ methods: ['turn/completed'] }).next();
      await codex.request('turn/start', {
        threadId: leftOf(name).threadId,
        input: [{ type: 'text', text: 'Two', text_elements: [] }],
        sandboxPolicy: { type: 'dangerFullAccess' },
        approvalPolicy: 'never',
        cwd: outside.path,
      });
      await over;
    }
    for (const name of ['raw, by id', 'raw, by token', 'raw, here']) {
      await leave(name, codex.startThread());
      const gate = new Gate();
      offline.model.reply(ScriptedReply.gate(gate).message('Never'));
      await codex.request('turn/start', {
        threadId: leftOf(name).threadId,
        input: [{ type: 'text', text: 'Two', text_elements: [] }],
        sandboxPolicy: { type: 'dangerFullAccess' },
      });
      await gate.reached;
    }
    await crash(codex);
    await Promise.all(lost);
  }

  function leftOf(name: string): Left {
    const thread = left.get(name);
    if (thread === undefined) throw new Error(`There is no thread ${name}.`);
    return thread;
  }

  async function byId(name: string, codex: Codex, options: ResumeOptions = {}): Promise<Thread> {
    return codex.resumeThread(leftOf(name).threadId, options);
  }

  /** The result of a real command that writes a file. */
  async function writing(thread: Thread, folder = outside): Promise<string> {
    const file = join(folder.path, `file-${(files += 1)}`);
    offline.model.reply(ScriptedReply.shellCommand(`touch ${file}`), ScriptedReply.message('Done'));
    await thread.run('Write it');
    if (existsSync(file)) return 'written';
    const output = JSON.stringify(offline.model.requests.at(-1)?.body.input);
    return output.includes(readOnly) ? readOnly : output;
  }

  it('is kept by id in another home after a kill during a turn with full access', async () => {
    const thread = await byId('by id', there);

    expect(await writing(thread)).to.equal(readOnly);
    expect(problems).to.deep.equal([]);
  });

  for (const which of ['before', 'during'] as const)
    it(`holds there by the token from ${which === 'before' ? 'before' : 'within'} that turn too`, async () => {
      const { threadId, [which]: continuation } = leftOf(which);

      const thread = await there.resumeThread(threadId, { continuation });

      expect(await writing(thread)).to.equal(readOnly);
      expect(warnings).to.deep.equal(['interrupted-tail']);
    });

  it('is kept there if another program ran that turn, and is the narrowest one if unknown', async () => {
    const { threadId, before: continuation } = leftOf('raw, by token');

    const known = await there.resumeThread(threadId, { continuation });
    expect(await writing(known)).to.equal(readOnly);
    expect(problems).to.deep.equal([]);
    const unknown = await byId('raw, by id', there);

    expect(warnings).to.deep.equal(['no-token', 'interrupted-tail', 'sandbox-unknown']);
    expect(await writing(unknown)).to.equal(readOnly);
    expect(problems).to.deep.equal(['settings']);
  });

  for (const [name, client] of [
    ['over, by id', () => there],
    ['over, beside', () => beside],
  ] as const)
    it(`is that of its first turn if a later turn of another program had full access: ${name}`, async () => {
      const { threadId } = leftOf(name);

      const thread = await byId(name, client());

      expect(await writing(thread)).to.equal(readOnly);
      const { approvalPolicy, cwd } = await client().request('thread/resume', { threadId });
      expect(approvalPolicy).to.not.equal('never');
      expect(cwd).to.not.equal(outside.path);
    });

  it('is kept in a home shared by two machines after a kill during a turn with full access', async () => {
    expect(await writing(await byId('during', beside))).to.equal(readOnly);
  });

  it('is restored by the next turn with another sandbox after such a kill', async () => {
    const thread = await byId('raw, here', here);

    await thread.run('Three', { options: { sandboxMode: 'workspace-write' } });

    expect(await writing(thread)).to.equal(readOnly);
  });

  it('stays full access if the thread was started with it, in its home and in another one', async () => {
    expect(await writing(await byId('full', here))).to.equal('written');
    expect(await writing(await byId('full', there))).to.equal('written');
  });

  for (const [name, sandboxPolicy] of [
    ['forged full', { type: 'dangerFullAccess' }],
    ['forged roots', { type: 'workspaceWrite', writableRoots: ['/'], networkAccess: true }],
  ] as const)
    it(`is not widened by a token that can be forged: ${name}`, async () => {
      const { threadId, turnId } = leftOf(name);
      const claims = { threadId, turnId, baseline: { sandboxPolicy } };
      const continuation = String(ContinuationToken.issue(claims));

      const thread = await there.resumeThread(threadId, { continuation });

      expect(await writing(thread)).to.equal(readOnly);
    });

  describe('that may write its workspace', () => {
    it('is restored by id where the thread ran', async () => {
      const thread = await byId('by id only', here);

      expect(warnings).to.deep.equal(['no-token']);
      expect(await writing(thread, workspace)).to.equal('written');
      expect(await writing(thread)).to.equal(readOnly);
    });

    it('is restored by token and by snapshot in another home', async () => {
      const { threadId, before: continuation } = leftOf('by token');
      const byToken = await there.resumeThread(threadId, { continuation });
      expect(warnings).to.deep.equal([]);
      const bySnapshot = await there.restoreThread(leftOf('by snapshot').snapshot);

      for (const thread of [byToken, bySnapshot]) {
        expect(await writing(thread, workspace)).to.equal('written');
        expect(await writing(thread)).to.equal(readOnly);
      }
    });

    it('is unknown by id in another home, with a warning and read-only access, unless the resume sets it', async () => {
      const unknown = await byId('by id only', there);
      expect(warnings).to.deep.equal(['no-token', 'sandbox-unknown']);
      expect(await writing(unknown, workspace)).to.equal(readOnly);

      const chosen = await byId('chosen', there, { sandboxMode: 'workspace-write' });

      expect(warnings).to.deep.equal(['no-token']);
      expect(await writing(chosen, workspace)).to.equal('written');
    });

    it('gets its additional directories back from a signed token, not from an unsigned one', async () => {
      const [unsigned, signed] = [leftOf('unsigned'), leftOf('signed')];

      const one = await there.resumeThread(unsigned.threadId, { continuation: unsigned.before });
      expect(warnings).to.deep.equal(['sandbox-unknown']);
      const other = await signing.resumeThread(signed.threadId, { continuation: signed.before });
      expect(warnings).to.deep.equal([]);

      expect(await writing(one)).to.equal(readOnly);
      expect(await writing(other)).to.equal('written');
    });
  });
});
