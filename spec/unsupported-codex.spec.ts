import { expect } from 'chai';
import { resolve } from 'node:path';
import {
  ResumeRejectedError,
  UnsupportedCodexError,
  testedCodexVersions,
  type Codex,
} from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { failure } from './failure.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

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

  function old(variables: Record<string, string>): Codex {
    const codexPath = resolve('fixtures/programs/old-codex.mjs');
    return offline.client({ codexPath, env: { ...offline.environment, ...variables } });
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

    expectUnsupported(error, 'an answer to thread/start that this package can read');
  });

  it('is not blamed for a refusal that any version would give', async () => {
    const codex = old({});

    const error = await failure(codex.startThread({ modelProvider: 'nowhere' }).open());

    expect(error).to.include({ code: 'request-refused' });
  });
});
