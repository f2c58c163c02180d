import { expect } from 'chai';
import { resolve } from 'node:path';
import {
  ResumeRejectedError,
  Tool,
  UnsupportedCodexError,
  telemetry,
  testedCodexVersions,
  type Codex,
  type CodexOptionsRecord,
} from '../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../lib/testing/index.js';
import { testedCodexVersion } from '../lib/version.js';
import { failure } from './outcomes.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

class Clock {
  @Tool({ description: 'Reads the clock' })
  now(): string {
    return '12:00';
  }
}

describe('A codex-rs older than the tested ones', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let clients: Codex[];

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done.'));
  });

  beforeEach(() => {
    clients = [];
  });

  afterEach(async () => {
    await Promise.all(clients.map(async (codex) => codex.close()));
    await noProcessLeft();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const codexPath = resolve('fixtures/programs/old-codex.mjs');

  function client(options: CodexOptionsRecord): Codex {
    const codex = offline.client(options);
    clients.push(codex);
    return codex;
  }

  function old(variables: Record<string, string>): Codex {
    return client({ codexPath, env: { ...offline.environment, ...variables } });
  }

  /** A codex-rs whose replies to a method lack a field. */
  function unreadable(method: 'model/list' | 'thread/read', field: string): Codex {
    const userAgent = 'spec/0.128.0 (Linux)';
    const transport = new FaultyTransport()
      .on('initialize')
      .editReply((info) => ({ ...info, userAgent }))
      .on(method)
      .editReply((result) => without(result, field));
    return client({ transport });
  }

  function expectUnsupported(error: unknown, missing: string): void {
    expect(error).to.be.instanceOf(UnsupportedCodexError);
    expect(error).to.include({ code: 'unsupported-codex', codexVersion: '0.128.0', missing });
    const { message } = error as Error;
    expect(message).to.contain('0.128.0').and.to.contain(testedCodexVersions.newest);
    expect(message.length).to.be.below(500);
  }

  it('is named in the error if it lacks a method', async () => {
    const codex = old({ OLD_CODEX_LACKS: 'thread/read,model/list' });
    const { threadId } = await codex.startThread().run('Hello');

    expectUnsupported(await failure(codex.models()), 'the method model/list');
    const rejection = (await failure(codex.resumeThread(threadId))) as Error;
    expect(rejection).to.be.instanceOf(ResumeRejectedError);
    expect(rejection.message).to.contain('codex-rs 0.128.0 lacks the method thread/read');
  });

  it('is named in the error if its reply cannot be read', async () => {
    const codex = old({ OLD_CODEX_BARE: 'yes' });

    const error = await failure(codex.startThread().run('Hello'));

    expectUnsupported(error, 'a readable reply to thread/start (sessionId is missing)');
  });

  it('is named in the error if its list cannot be read', async () => {
    const error = await failure(unreadable('model/list', 'data').models());

    expectUnsupported(error, 'a readable reply to a request for a list');
  });

  it('is named in the error if its description of a thread cannot be read', async () => {
    const codex = unreadable('thread/read', 'sessionId');
    const thread = codex.startThread();
    await thread.run('Hello');

    expectUnsupported(
      await failure(thread.read()),
      'a readable reply to thread/read (sessionId is missing)',
    );
    const rejection = (await failure(codex.resumeThread(thread.threadId ?? ''))) as Error;
    expect(rejection).to.be.instanceOf(ResumeRejectedError);
    expect(rejection.message).to.contain('0.128.0 lacks a readable reply to thread/read');
  });

  describe('without attachments', () => {
    const lacking = {
      OLD_CODEX_LACKS:
        'thread/attachment/list,thread/attachment/add,thread/attachment/remove,thread/attachmentOwner/list',
    };
    const problems: (readonly [during: string, message: string])[] = [];
    let forget: () => void;

    beforeEach(() => {
      problems.length = 0;
      forget = telemetry.problem.subscribe(({ during, message }) => {
        if (during !== 'version') problems.push([during, message]);
      });
    });

    afterEach(() => {
      forget();
    });

    it('runs the turns of a thread with labels, and reports once that they are not stored', async () => {
      const codex = old(lacking);
      const thread = codex.startThread({ labels: { team: 'payments' } });

      await thread.run('Hello');
      const { status } = await thread.run('Hello again');

      expect(status).to.equal('completed');
      expect(problems).to.have.length(1);
      const [[during, message] = []] = problems;
      expect(during).to.equal('labels');
      expect(message).to.match(
        /^The labels .* not stored\. codex-rs 0\.128\.0 lacks the method thread\/attachment\/add/,
      );
    });

    it('restores the settings of a thread after a turn with other settings, and reports once that a crash would leave them', async () => {
      const thread = old(lacking).startThread({ sandboxMode: 'read-only' });
      const options = { sandboxMode: 'danger-full-access' } as const;

      await thread.run('Hello', { options });
      await thread.run('Hello again', { options });
      await thread.run('And again');

      expect(problems.map(([during]) => during)).to.deep.equal(['settings']);
      const told = JSON.stringify(offline.model.requests.at(-1)?.body);
      const sandboxes = [...told.matchAll(/sandbox_mode` is `([a-z-]+)`/g)].map(([, mode]) => mode);
      expect(sandboxes.at(-1)).to.equal('read-only');
    });

    it('forks and resumes threads', async () => {
      const first = old(lacking);
      const thread = first.startThread();
      const { threadId, continuation } = await thread.run('Hello');
      const fork = await thread.fork();
      await first.close();

      const resumed = await old(lacking).resumeThread(threadId, { continuation });

      expect((await resumed.run('Hello again')).status).to.equal('completed');
      expect(fork.labels.size).to.equal(0);
      expect(problems).to.deep.equal([]);
    });

    it('is named in the error if a thread with tools is resumed, because it cannot check them', async () => {
      const first = old(lacking);
      const { threadId } = await first.startThread({ tools: [new Clock()] }).run('Hello');
      await first.close();

      const resumed = await old(lacking).resumeThread(threadId, { tools: [new Clock()] });

      expectUnsupported(await failure(resumed.run('Hello')), 'the method thread/attachment/list');
      expect(problems.map(([during]) => during)).to.deep.equal(['tools']);
    });

    it('is named in the error if threads are searched by labels, or labels are set on a thread that has run', async () => {
      const codex = old(lacking);
      const thread = codex.startThread();
      await thread.run('Hello');

      const labels = { team: 'payments' };
      expectUnsupported(
        await failure(codex.findThreads(labels).next()),
        'the method thread/attachmentOwner/list',
      );
      expectUnsupported(
        await failure(thread.setLabels(labels)),
        'the method thread/attachment/add',
      );
    });
  });

  describe('with minCodexVersion', () => {
    it('is refused at its start, and its process is ended', async () => {
      const codex = client({ codexPath, minCodexVersion: '0.163.0' });

      const error = await failure(codex.startThread().run('Hello'));

      expectUnsupported(error, 'the features of 0.163.0, which minCodexVersion requires');
      const { problems, versionIsTested } = await codex.doctor();
      expect(versionIsTested).to.equal(false);
      expect(problems.map(({ check }) => check)).to.deep.equal(['version']);
      await noProcessLeft();
    });

    it('is accepted if it is new enough', async () => {
      const codex = client({ codexPath, minCodexVersion: '0.128.0' });

      expect(await codex.serverInfo()).to.include({ version: '0.128.0', isTested: false });
    });

    it('does not affect the tested version', async () => {
      const codex = client({ minCodexVersion: testedCodexVersion });

      expect(await codex.serverInfo()).to.include({ isTested: true });
    });
  });

  it('is not named in the error for a refusal of any version', async () => {
    const codex = old({});

    const error = await failure(codex.startThread({ modelProvider: 'nowhere' }).open());

    expect(error).to.include({ code: 'request-refused' });
  });
});

function without(value: unknown, field: string): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, member: unknown) => (name === field ? undefined : member)),
  );
}
