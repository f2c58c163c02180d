// Snippets of the guide on the command line and of the doc comments of codex-threads/page.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalReport } from '../../lib/index.js';
import { exportThread, renderThread } from '../../lib/page/index.js';
import type { Stage } from './stage.js';

export async function page({ codex }: Stage): Promise<void> {
  const { threadId } = await codex.startThread().run('Why is the build red?');
  const folder = await mkdtemp(join(homedir(), '.page-'));
  const file = join(folder, 'thread.html');
  // #region exportThread
  const page = renderThread(await exportThread(codex, threadId));
  await writeFile(file, page);
  // #endregion
  await rm(folder, { recursive: true });
}

export async function fromMetadata({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Why is the build red?');
  // #region renderThread
  const metadata = await thread.read({ includeTurns: true });
  const report = renderThread(metadata, { title: 'The red build' });
  console.log(report.startsWith('<!doctype html>')); // true
  // #endregion
}

export async function decisions({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region withDecisions
  const approvals: ApprovalReport[] = [];
  const turn = thread.runStreamed('Why is the build red?');
  for await (const event of turn)
    if (event.type === 'approval.resolved') approvals.push(event.report);

  const { threadId } = await turn.result();
  const page = renderThread(await exportThread(codex, threadId), { approvals });
  console.log(page.includes('Why is the build red?')); // true
  // #endregion
}
