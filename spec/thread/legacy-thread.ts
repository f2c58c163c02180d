import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { CodexOptions } from '../../lib/index.js';
import { launchPlan } from '../../lib/launch.js';
import type { OfflineCodex } from '../offline-codex.js';

/** A thread with one turn, whose history has the format of an older codex-rs. */
export async function legacyThread(
  offline: OfflineCodex,
): Promise<{ readonly threadId: string; readonly turnId: string }> {
  const { plan } = launchPlan(CodexOptions.from(offline.options), process.env);
  const configOverrides = [...plan.configOverrides, 'cli_auth_credentials_store="ephemeral"'];
  await using session = await AppServerSession.open({ ...plan, configOverrides });
  await session.request('account/login/start', {
    type: 'apiKey',
    apiKey: String(offline.options.apiKey),
  });
  const { thread } = await session.request('thread/start', { historyMode: 'legacy' });
  const over = new Promise<void>((resolve) => {
    session.onThread(thread.id, ({ method }) => {
      if (method === 'turn/completed') resolve();
    });
  });
  const { turn } = await session.request('turn/start', {
    threadId: thread.id,
    input: [{ type: 'text', text: 'One', text_elements: [] }],
  });
  await over;
  return { threadId: thread.id, turnId: turn.id };
}
