import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ValidationError, type Thread } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The reasoning summary of one turn', function () {
  this.timeout(20_000);
  const known = 'gpt-5.5';
  const unknown = 'mock-model';
  const detailed = { options: { modelReasoningSummary: 'detailed' } } as const;
  let offline: OfflineCodex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The summaries in the model requests of these turns: before, during, and after the turn with its own summary. */
  async function summariesOf(thread: Thread): Promise<unknown[]> {
    const from = offline.model.requests.length;
    await thread.run('before');
    await thread.run('changed', detailed);
    await thread.run('after');
    return offline.model.requests
      .slice(from)
      .map(({ body }) => (body.reasoning as { summary?: string } | undefined)?.summary);
  }

  it('reverts to none for a model without a default', async () => {
    await using codex = offline.client();

    for (const model of [known, `${known}-2030-01-01`, `custom/${known}`])
      expect(await summariesOf(codex.startThread({ model }))).to.deep.equal([
        undefined,
        'detailed',
        undefined,
      ]);
  });

  it('reverts to the choice of codex-rs for an unknown model', async () => {
    await using codex = offline.client();

    expect(await summariesOf(codex.startThread({ model: unknown }))).to.deep.equal([
      'auto',
      'detailed',
      'auto',
    ]);
  });

  it("reverts to that of the user's configuration", async () => {
    await using codex = offline.client({ config: { model_reasoning_summary: 'concise' } });

    for (const model of [known, unknown])
      expect(await summariesOf(codex.startThread({ model }))).to.deep.equal([
        'concise',
        'detailed',
        'concise',
      ]);
  });

  it('reverts to that of the trusted working directory of the thread', async () => {
    await using codex = offline.client();
    const project = join(offline.home.path, 'project');
    await mkdir(join(project, '.git'), { recursive: true });
    await mkdir(join(project, '.codex'));
    await writeFile(join(project, '.codex', 'config.toml'), 'model_reasoning_summary = "concise"');
    const thread = codex.startThread({
      model: known,
      workingDirectory: project,
      sandboxMode: 'workspace-write',
      trustProject: true,
    });

    expect(await summariesOf(thread)).to.deep.equal(['concise', 'detailed', 'concise']);
  });

  it("reverts to that of the thread's own configuration, which it overrides for the turn", async () => {
    await using codex = offline.client({ config: { model_reasoning_summary: 'auto' } });
    const config = { model_reasoning_summary: 'concise' };

    expect(await summariesOf(codex.startThread({ model: known, config }))).to.deep.equal([
      'concise',
      'detailed',
      'concise',
    ]);
  });

  it('cannot be set through config, and the error names the option to use', async () => {
    await using codex = offline.client();
    const thread = codex.startThread({ model: known, config: { web_search: 'disabled' } });
    const sent = offline.model.requests.length;

    const errors = [
      await failure(
        thread.run('no', { options: { config: { model_reasoning_summary: 'detailed' } } }),
      ),
      await failure(thread.run('no', { options: { config: { hide_agent_reasoning: true } } })),
    ];

    expect(errors.every((error) => error instanceof ValidationError)).to.equal(true);
    expect(errors.flatMap((error) => (error as ValidationError).problems)).to.deep.equal([
      {
        path: 'config.model_reasoning_summary',
        reason:
          'cannot be changed for a single turn through config: pass modelReasoningSummary for the turn instead',
      },
      {
        path: 'config',
        reason: 'cannot be changed for a single turn: set it on the thread',
      },
    ]);
    expect(offline.model.requests).to.have.length(sent);
  });
});
