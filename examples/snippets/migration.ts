// Snippets of `docs/migration.md`: migrated programs of the official SDK and of the Python client.
import { Codex, ThreadOptions } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function official({ model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('A test fails.'), ScriptedReply.message('It is fixed.'));
  // #region official SDK
  const codex = new Codex();
  const thread = codex.startThread();
  const turn = await thread.run('Diagnose the test failure and propose a fix');
  console.log(turn.finalResponse); // A test fails.

  const { events } = thread.runStreamed('Implement the fix');
  for await (const event of events) {
    if (event.type === 'item.completed' && event.item.type === 'agentMessage')
      console.log(event.item.text); // It is fixed.
    if (event.type === 'turn.completed') console.log(event.usage?.inputTokens); // 10
  }
  await codex.close();
  // #endregion
}

export async function python({ model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('A library, its tests, and a demo.'));
  // #region Python start
  await using codex = new Codex();
  const thread = codex.startThread();
  const result = await thread.run('Explain this repository in three bullets.');
  console.log(result.finalResponse); // A library, its tests, and a demo.
  // #endregion
}

export async function pythonResume({ codex: earlier, model }: Stage): Promise<void> {
  const thread_ = earlier.startThread();
  const { threadId } = await thread_.run('Explain this repository in three bullets.');
  await thread_.release();
  model.reply(ScriptedReply.message('The demo comes next.'));
  // #region Python resume
  await using codex = new Codex();
  const thread = await codex.resumeThread(threadId);
  const result = await thread.run('Continue where we left off.');
  console.log(result.finalResponse); // The demo comes next.
  // #endregion
}

export async function pythonStream({ model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('A test fails.'));
  // #region Python stream
  await using codex = new Codex();
  const thread = codex.startThread();
  console.log((await thread.open()) === thread.threadId); // true
  const turn = thread.runStreamed('Find the failing test');
  for await (const event of turn) if (event.type === 'text.delta') process.stdout.write(event.text);
  console.log(turn.status); // completed
  // #endregion
}

export function pythonNames(): void {
  // #region Python names
  const options = ThreadOptions.from({
    cwd: '/repo',
    sandbox: 'workspace_write',
    developer_instructions: 'Be brief.',
  });
  console.log(options.workingDirectory, options.sandboxMode); // /repo workspace-write
  // #endregion
}
