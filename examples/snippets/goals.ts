// Snippets of the doc comments of goals.
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

const goalMet = ScriptedReply.functionCall('update_goal', { status: 'complete' });

export async function pursue({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread({ model: 'mock-model' });
  model.reply(ScriptedReply.message('One is left. '), goalMet);
  model.reply(ScriptedReply.message('All tests pass.'));
  // #region Thread.pursue
  const goal = thread.pursue('All tests pass', { timeouts: { totalMs: 3_600_000 } });
  const { outcome, turns, finalResponse } = await goal.result();
  console.log(outcome, turns.length, finalResponse); // complete 2 All tests pass.
  // #endregion
}

export async function goal({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread({ model: 'mock-model' });
  model.reply(ScriptedReply.message('One is left. '), goalMet);
  model.reply(ScriptedReply.message('All tests pass.'));
  // #region Goal
  const goal = thread.pursue('All tests pass');
  let text = '';
  for await (const event of goal) if (event.type === 'text.delta') text += event.text;
  console.log(text); // One is left. All tests pass.

  const { outcome, turns, usage } = await goal.result();
  console.log(outcome, turns.length, usage.totalTokens); // complete 2 45
  // #endregion
}
