import { expect } from 'chai';
import {
  AllowApprovals,
  ThreadOptions,
  Tool,
  type Codex,
  type Thread,
  type ThreadOptionsRecord,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

class Clock {
  @Tool({ description: 'Reads the clock' })
  now(): string {
    return '12:00';
  }
}

describe('A resume on the client that has the thread loaded', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function started(
    options: ThreadOptionsRecord,
  ): Promise<{ readonly thread: Thread; readonly threadId: string }> {
    const thread = codex.startThread(options);
    const { threadId } = await thread.run('Hello');
    return { thread, threadId };
  }

  /** The settings in the next model request. */
  async function toldOn(thread: Thread): Promise<Record<string, unknown>> {
    await thread.run('And now?');
    const request = offline.model.requests.at(-1);
    const permissions = request?.instructionsTexts.findLast((text) =>
      text.startsWith('<permissions instructions>'),
    );
    const { model, toolNames, instructionsTexts = [] } = request ?? {};
    const isDeveloped = instructionsTexts.some((text) => text.includes('Speak of birds.'));
    return { model, toolNames, permissions, isDeveloped };
  }

  function everyOption(): ThreadOptionsRecord {
    return {
      model: 'gpt-5',
      modelReasoningEffort: 'low',
      modelReasoningSummary: 'detailed',
      sandboxMode: 'workspace-write',
      networkAccessEnabled: true,
      additionalDirectories: [offline.home.path],
      workingDirectory: process.cwd(),
      webSearchMode: 'disabled',
      approvalPolicy: 'on-request',
      approvals: new AllowApprovals(),
      tools: [new Clock()],
      toolSurface: { shell: false },
      developerInstructions: 'Speak of birds.',
      serviceName: 'spec',
      threadSource: 'spec',
      trustProject: false,
      config: { hide_agent_reasoning: true },
      labels: { team: 'payments' },
    };
  }

  it('keeps all unspecified options, by id, token, builder and snapshot', async () => {
    const { thread, threadId } = await started(everyOption());
    const own = await toldOn(thread);
    expect(own).to.include({ model: 'gpt-5', isDeveloped: true });

    const byId = await codex.resumeThread(threadId);
    expect(byId.equals(thread)).to.equal(true);
    expect(await toldOn(byId)).to.deep.equal(own);

    const { continuation: token } = await thread.run('Once more');
    const byToken = await codex.resumeThread(threadId, { continuation: token });
    expect(byToken.equals(thread)).to.equal(true);
    expect(await toldOn(byToken)).to.deep.equal(own);

    const built = await codex.thread().resume(threadId);
    expect(built.equals(thread)).to.equal(true);
    expect(await toldOn(built)).to.deep.equal(own);

    const restored = await codex.restoreThread(JSON.parse(JSON.stringify(byId)));
    expect(restored.equals(thread)).to.equal(true);
    expect(await toldOn(restored)).to.deep.equal(own);
  });

  it('keeps them also if the thread was released in between', async () => {
    const { thread, threadId } = await started(everyOption());
    const own = await toldOn(thread);
    const { continuation } = await thread.run('Once more');
    await thread.release();

    const again = await codex.resumeThread(threadId, { continuation });

    expect(again.equals(thread)).to.equal(true);
    expect(await toldOn(again)).to.deep.equal(own);
  });

  it('keeps a bypass of approvals and the sandbox', async () => {
    const approvalMode = 'dangerouslyBypassApprovalsAndSandbox';
    const { thread, threadId } = await started({ approvalMode });
    const own = await toldOn(thread);

    const again = await codex.resumeThread(threadId);

    expect(await toldOn(again)).to.deep.equal(own);
  });

  it('overrides the thread’s own options with specified ones, and keeps the rest', async () => {
    const { threadId } = await started({ sandboxMode: 'read-only', model: 'gpt-5' });

    const again = await codex.resumeThread(threadId, { model: 'gpt-5.5' });
    const told = await toldOn(again);

    expect(again.threadOptions).to.include({ sandboxMode: 'read-only', model: 'gpt-5.5' });
    expect(told.model).to.equal('gpt-5.5');
    expect(told.permissions).to.contain('read-only');
  });

  it('removes only those of the thread’s own options that contradict it', async () => {
    const own = { sandboxMode: 'workspace-write', networkAccessEnabled: false } as const;
    const { threadId } = await started({ ...own, model: 'gpt-5' });

    const again = await codex.resumeThread(threadId, { sandboxMode: 'danger-full-access' });

    expect(again.threadOptions).to.deep.equal(
      ThreadOptions.from({ sandboxMode: 'danger-full-access', model: 'gpt-5' }),
    );
    expect((await toldOn(again)).permissions).to.contain('danger-full-access');
  });

  it('may disable an option that is already off', async () => {
    const { threadId } = await started({});

    const again = await codex.resumeThread(threadId, { ephemeral: false, trustProject: false });

    expect((await again.run('And now?')).finalResponse).to.equal('Yes');
  });

  it('gives an earlier thread value the new options where it has none', async () => {
    const { thread, threadId } = await started({});
    await thread.release();
    await codex.resumeThread(threadId, { sandboxMode: 'read-only' });

    expect((await toldOn(thread)).permissions).to.contain('read-only');
  });
});
