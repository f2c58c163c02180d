// Shows the main feature on the real codex-rs: two turns, the end of the process, a resume that is validated first, and
// a resume that is refused.
// Offline by default; `npm run demo -- --live "prompt"` uses your key or your login.
import { Codex, ResumeRejectedError, type CodexOptionsInput, type Thread } from '../lib/index.js';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../lib/testing/index.js';
import { requireLogin } from './live-or-scripted.js';

const live = process.argv.indexOf('--live');

function say(text: string): void {
  console.log(text);
}

async function stream(thread: Thread, prompt: string): Promise<void> {
  say(`\n> ${prompt}`);
  const turn = thread.runStreamed(prompt);
  for await (const event of turn) {
    if (event.type === 'text.delta') process.stdout.write(event.text);
    if (event.type === 'item.started' && event.item.type === 'commandExecution')
      say(`  $ ${event.item.command}`);
  }
  const { durationMs, usage } = await turn.result();
  say(`\n  (${durationMs ?? '?'} ms, ${usage?.totalTokens ?? '?'} tokens)`);
}

async function show(options: CodexOptionsInput, first: string, second: string): Promise<void> {
  const codex = new Codex(options);
  const thread = codex
    .thread()
    .withOptions({ sandboxMode: 'read-only' })
    .withLabels({ team: 'demo' })
    .build();
  say(
    `The thread is described, and no process is running: threadId is ${String(thread.threadId)}.`,
  );
  await stream(thread, first);
  const { threadId, continuation: early } = thread;
  say(`\nThread ${String(threadId)} is stored in codex-rs now. A second turn:`);
  await stream(thread, second);
  const { continuation } = thread;
  await codex.close();
  say(
    '\nThe process has exited. A new one resumes the thread after it has checked that the thread did not change:',
  );

  await using again = new Codex(options);
  if (threadId === null || continuation === null || early === null)
    throw new Error('The thread has no id.');
  const resumed = await again.resumeThread(threadId, { continuation: String(continuation) });
  say(`  accepted: last turn is ${String(continuation.turnId)}`);
  await stream(resumed, 'What did I ask first?');

  say(
    '\nA resume with the token of the first turn is refused, and no new thread is started instead:',
  );
  try {
    await again.resumeThread(threadId, { continuation: early });
    throw new Error('The stale token was accepted.');
  } catch (error) {
    if (!ResumeRejectedError.is(error)) throw error;
    say(`  ${error.reason}: ${error.verdict.message}`);
  }
}

async function offline(): Promise<void> {
  say('The real codex-rs, offline: its model is a script on the loopback interface.\n');
  await using model = await ScriptedModel.start();
  await using home = await TemporaryCodexHome.create();
  model.reply(
    ScriptedReply.deltas('The build is red ', 'because a test ', 'is failing.'),
    ScriptedReply.deltas('I would fix ', 'the test first.'),
    ScriptedReply.deltas('You asked ', 'why the build is red.'),
  );
  await show(
    { apiKey: 'offline-demo-key', baseUrl: model.baseUrl, codexHome: home.path },
    'Why is the build red?',
    'What would you do first?',
  );
  const remembered = model.requests[2]?.userTexts.includes('Why is the build red?');
  say(`\nThe resumed thread sent its whole history to the model: ${String(remembered)}.`);
}

const prompt = live < 0 ? undefined : (process.argv[live + 1] ?? 'What is in this directory?');
if (prompt !== undefined) await requireLogin();
await (prompt === undefined ? offline() : show({}, prompt, 'Sum that up in one sentence.'));
