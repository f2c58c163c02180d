import { expect } from 'chai';
import { resolve } from 'node:path';
import {
  ResumeRejectedError,
  UnsupportedCodexError,
  testedCodexVersions,
  type Codex,
} from '../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../lib/testing/index.js';
import { testedCodexVersion } from '../lib/version.js';
import { failure } from './failure.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';

describe('A codex-rs that is older than the tested ones', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done.'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const codexPath = resolve('fixtures/programs/old-codex.mjs');

  function old(variables: Record<string, string>): Codex {
    return offline.client({ codexPath, env: { ...offline.environment, ...variables } });
  }

  /** One whose answers to a method lack a field. */
  function unreadable(method: 'account/read' | 'model/list' | 'thread/read', field: string): Codex {
    const userAgent = 'spec/0.128.0 (Linux)';
    const transport = new FaultyTransport()
      .on('initialize')
      .editReply((info) => ({ ...info, userAgent }))
      .on(method)
      .editReply((result) => without(result, field));
    return offline.client({ transport });
  }

  function expectUnsupported(error: unknown, missing: string): void {
    expect(error).to.be.instanceOf(UnsupportedCodexError);
    expect(error).to.include({ code: 'unsupported-codex', codexVersion: '0.128.0', missing });
    const { message } = error as Error;
    expect(message).to.contain('0.128.0').and.to.contain(testedCodexVersions.newest);
    expect(message.length).to.be.below(500);
  }

  it('is named when it lacks a method', async () => {
    const codex = old({ OLD_CODEX_LACKS: 'thread/read,model/list' });
    const { threadId } = await codex.startThread().run('Hello');

    expectUnsupported(await failure(codex.models()), 'the method model/list');
    const rejection = (await failure(codex.resumeThread(threadId))) as Error;
    expect(rejection).to.be.instanceOf(ResumeRejectedError);
    expect(rejection.message).to.contain('codex-rs 0.128.0 lacks the method thread/read');
  });

  it('is named when its answer cannot be read', async () => {
    const codex = old({ OLD_CODEX_BARE: 'yes' });

    const error = await failure(codex.startThread().run('Hello'));

    expectUnsupported(error, 'a readable answer to thread/start (sessionId is missing)');
  });

  it('is named when its list cannot be read', async () => {
    const error = await failure(unreadable('model/list', 'data').models());

    expectUnsupported(error, 'a readable answer to a request for a list');
  });

  it('is named when it describes a thread in a way that cannot be read', async () => {
    const codex = unreadable('thread/read', 'sessionId');
    const thread = codex.startThread();
    await thread.run('Hello');

    expectUnsupported(
      await failure(thread.read()),
      'a readable answer to thread/read (sessionId is missing)',
    );
    const rejection = (await failure(codex.resumeThread(thread.threadId ?? ''))) as Error;
    expect(rejection).to.be.instanceOf(ResumeRejectedError);
    expect(rejection.message).to.contain('0.128.0 lacks a readable answer to thread/read');
  });

  describe('with minCodexVersion', () => {
    it('is refused at its start, and ended', async () => {
      const codex = offline.client({ codexPath, minCodexVersion: '0.163.0' });
      const others = processesLeft();

      const error = await failure(codex.startThread().run('Hello'));

      expectUnsupported(error, 'the features of 0.163.0, which minCodexVersion requires');
      const { problems, versionIsTested } = await codex.doctor();
      expect(versionIsTested).to.equal(false);
      expect(problems.map(({ check }) => check)).to.deep.equal(['version']);
      expect(processesLeft()).to.deep.equal(others);
    });

    it('runs if it is new enough', async () => {
      const codex = offline.client({ codexPath, minCodexVersion: '0.128.0' });

      expect(await codex.serverInfo()).to.include({ version: '0.128.0', isTested: false });
    });

    it('leaves the tested version alone', async () => {
      const codex = offline.client({ minCodexVersion: testedCodexVersion });

      expect(await codex.serverInfo()).to.include({ isTested: true });
    });
  });

  it('is not blamed for a refusal that any version would give', async () => {
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
