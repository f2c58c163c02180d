// Every snippet of the README, in order; the specs compare the two and run this program offline.
import { AskApprovals, Codex } from '../lib/index.js';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../lib/testing/index.js';

const kept = new Map<string, string>();
const save = async (threadId: string, token: string): Promise<void> =>
  Promise.resolve(void kept.set(threadId, token));
const load = async (threadId: string): Promise<string> => Promise.resolve(kept.get(threadId) ?? '');

// #region quickstart
await using codex = new Codex({ apiKey: process.env.OPENAI_API_KEY });

const thread = codex
  .thread()
  .withOptions({ workingDirectory: process.cwd(), sandboxMode: 'read-only' })
  .withLabels({ team: 'payments', ticket: 'PAY-123' })
  .build();

const turn = await thread.run('Find out why the build is red');
console.log(turn.finalResponse, turn.usage?.totalTokens);
// #endregion

// #region streaming
for await (const event of thread.runStreamed('Fix it')) {
  if (event.type === 'text.delta') process.stdout.write(event.text);
  if (event.type === 'item.completed') console.log(event.item.type);
}
// #endregion

// #region resume
const { threadId, continuation } = await thread.run('Write the migration');
await save(threadId, String(continuation));

// later, in another process
const again = await codex.resumeThread(threadId, { continuation: await load(threadId) });
// #endregion

console.log(again.threadId === threadId);

// #region approvals
const approvals = new AskApprovals((request) => {
  if (request.kind !== 'command') return request.deny('only commands');
  return request.command?.includes('npm test') === true ? request.allow() : request.deny();
});
await codex.startThread({ approvals, sandboxMode: 'read-only' }).run('Run the tests');
// #endregion

// #region offline
await using model = await ScriptedModel.start();
await using home = await TemporaryCodexHome.create();
await using offline = new Codex({
  apiKey: 'any-text',
  baseUrl: model.baseUrl,
  codexHome: home.path,
});

model.reply(ScriptedReply.message('A test fails.'));
const answer = await offline.startThread().run('Why is the build red?');
console.log(answer.finalResponse); // A test fails.
// #endregion
