// What the guide on CI and serverless platforms shows.
import { Codex } from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function job(): Promise<void> {
  // #region job
  await using codex = new Codex({ auth: 'apiKey' });
  const thread = codex.startThread({ sandboxMode: 'read-only', ephemeral: true });
  const { finalResponse } = await thread.run('Review the last commit', {
    timeouts: { totalMs: 10 * 60_000 },
    budget: { totalTokens: 500_000 },
  });
  console.log(finalResponse); // A test fails.
  // #endregion
}

export async function serverless({ model }: Stage): Promise<void> {
  const { baseUrl } = model;
  await using home = await TemporaryCodexHome.create();
  const { path: codexHome } = home;
  // #region serverless
  const codex = new Codex({ isolation: 'private', codexHome, baseUrl });

  const handler = async ({ input }: { input: string }): Promise<{ answer: string | null }> => {
    const thread = codex.startThread({ sandboxMode: 'danger-full-access', ephemeral: true });
    const { finalResponse } = await thread.run(input, { timeouts: { totalMs: 14 * 60_000 } });
    return { answer: finalResponse };
  };

  console.log((await handler({ input: 'Explain this' })).answer); // A test fails.
  // #endregion
  await codex.close();
}
