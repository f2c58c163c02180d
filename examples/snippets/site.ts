// What the landing page of the documentation and its page of concepts show.
import { Codex } from '../../lib/index.js';
import type { Stage } from './stage.js';

interface Saved {
  readonly threadId: string;
  readonly continuation: string;
}

export async function threeSteps(): Promise<void> {
  let saved: Saved = { threadId: '', continuation: '' };
  const save = async (state: Saved): Promise<void> => Promise.resolve(void (saved = state));
  const load = async (): Promise<Saved> => Promise.resolve(saved);
  // #region build
  const codex = new Codex();
  const thread = codex
    .thread()
    .withOptions({ workingDirectory: process.cwd(), sandboxMode: 'read-only' })
    .withLabels({ ticket: 'PAY-123' })
    .build();
  // #endregion
  // #region run
  const turn = await thread.run('Find out why the build is red');
  console.log(turn.finalResponse); // A test fails.
  await save({ threadId: turn.threadId, continuation: String(turn.continuation) });
  // #endregion
  // #region resume
  const { threadId, continuation } = await load();
  const again = await codex.resumeThread(threadId, { continuation });
  await again.run('Fix it');
  // #endregion
  await codex.close();
}

export async function concepts({ codex }: Stage): Promise<void> {
  // #region concepts
  const thread = codex.startThread();
  const turn = await thread.run('Why is the build red?');
  console.log(turn.items.map(({ type }) => type).join()); // userMessage,agentMessage
  console.log(turn.threadId === thread.threadId); // true
  // #endregion
}
