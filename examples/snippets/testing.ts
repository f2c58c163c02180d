// What the doc comments of the offline test kit show.
import { Codex } from '../../lib/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { Gate, ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function scriptedModel(): Promise<void> {
  // #region ScriptedModel
  await using model = await ScriptedModel.start();
  await using home = await TemporaryCodexHome.create();
  await using codex = new Codex({
    apiKey: 'any-text',
    baseUrl: model.baseUrl,
    codexHome: home.path,
  });
  model.reply(ScriptedReply.message('A test fails.'));

  const turn = await codex.startThread().run('Why is the build red?');

  console.log(turn.finalResponse); // A test fails.
  console.log(model.requests[0]?.userTexts.at(-1)); // Why is the build red?
  console.log(model.unexpectedRequests.length); // 0
  // #endregion
}

export async function scriptedReply({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region ScriptedReply
  model.reply(
    ScriptedReply.reasoning('Look first').shellCommand('echo 3 tests'),
    ScriptedReply.deltas('Three ', 'tests.').usage({ inputTokens: 100, outputTokens: 4 }),
  );
  const turn = await thread.run('How many tests are there?');
  console.log(turn.items.map(({ type }) => type).join()); // userMessage,reasoning,commandExecution,agentMessage
  // #endregion
}

export async function gate({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Gate
  const gate = new Gate();
  model.reply(ScriptedReply.deltas('I begin').gate(gate).deltas(' and end.'));
  const result = thread.run('Go');

  await gate.reached;
  // The turn is in its middle now, for as long as the test likes.
  gate.open();
  console.log((await result).finalResponse); // I begin and end.
  // #endregion
}

export async function temporaryHome(): Promise<void> {
  // #region TemporaryCodexHome
  await using home = await TemporaryCodexHome.create();
  await home.write('AGENTS.md', 'Answer in one sentence.');
  const codex = new Codex({ codexHome: home.path });
  console.log(codex.options.codexHome === home.path); // true
  // #endregion
}

export function faultyTurn(): void {
  // #region FaultyTurn
  const turn = new FaultyTurn()
    .message('Let me look.', { phase: 'commentary' })
    .command('ls', { output: ['a.txt\n'], approval: true })
    .message('There is one file.', { phase: 'final_answer' });
  // #endregion
  console.log(turn instanceof FaultyTurn); // true
}

export function faultyServer(): void {
  // #region FaultyAppServer
  const faulty = new FaultyAppServer()
    .plays(new FaultyTurn().message('Hello').waitFor('go'))
    .on('turn/start', { nth: 2 })
    .dropReply();
  const same = FaultyAppServer.fromJSON(JSON.parse(JSON.stringify(faulty)));
  // #endregion
  console.log(JSON.stringify(same) === JSON.stringify(faulty)); // true
}
