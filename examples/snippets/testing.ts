// Snippets of the doc comments of the offline test kit.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Codex, OutcomeUnknownError, RequestError, ResumeRejectedError } from '../../lib/index.js';
import {
  continuationToken,
  event,
  FaultyTransport,
  Gate,
  item,
  RecordingTransport,
  ReplayTransport,
  ReplayMismatchError,
  ScriptedModel,
  ScriptedReply,
  stubThread,
  TemporaryCodexHome,
  Transcript,
  turnResult,
} from '../../lib/testing/index.js';
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

export async function scriptedRequest({ codex, model }: Stage): Promise<void> {
  // #region ScriptedRequest
  model.reply(ScriptedReply.message('A test fails.'));
  await codex.startThread().run('Why is the build red?');

  const request = model.requests.at(-1);
  console.log(request?.userTexts.at(-1)); // Why is the build red?
  console.log(await request?.outcome); // answered
  // #endregion
}

export async function gate({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Gate
  const gate = new Gate();
  model.reply(ScriptedReply.deltas('I begin').gate(gate).deltas(' and end.'));
  const result = thread.run('Go');

  await gate.reached;
  // The turn stays at this point until the test opens the gate.
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

/** A recording of one turn, in a file. */
async function recordedRun(home: TemporaryCodexHome): Promise<string> {
  const file = join(home.path, 'transcripts', 'red-build.json');
  // #region RecordingTransport
  const transport = new RecordingTransport({ secrets: ['the name of the customer'] });
  const codex = new Codex({ transport });
  await codex.startThread().run('Why is the build red?');
  await codex.close();

  await transport.transcript.save(file);
  // #endregion
  return file;
}

export async function transcript(): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const file = join(home.path, 'red-build.json');
  // #region Transcript
  const recording = new RecordingTransport();
  const codex = new Codex({ transport: recording, apiKey: process.env.OPENAI_API_KEY });
  await codex.startThread().run('Why is the build red?');
  await codex.close();
  await recording.transcript.save(file);

  const transcript = await Transcript.load(file);
  console.log(transcript.version, transcript.processes.length); // 1 1
  console.log(transcript.requests('turn/start').length); // 1
  // #endregion
}

export async function replay(): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const file = await recordedRun(home);
  // #region ReplayTransport
  const transport = await ReplayTransport.load(file);
  await using codex = new Codex({ transport });

  const turn = await codex.startThread().run('Why is the build red?');

  console.log(turn.finalResponse); // A test fails.
  transport.assertFinished();
  // #endregion
}

export async function replayMismatch(): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const file = await recordedRun(home);
  // #region ReplayMismatchError
  const replay = await ReplayTransport.load(file);
  await using codex = new Codex({ transport: replay });
  const thread = codex.startThread();
  await thread.run('Why is the build slow?').catch(() => undefined);

  try {
    replay.assertFinished();
  } catch (error) {
    if (!ReplayMismatchError.is(error)) throw error;
    const [{ method, path, expected, got }] = error.differences;
    console.log(method, path); // turn/start params.input[0].text
    console.log(expected); // Why is the build red?
    console.log(got); // Why is the build slow?
  }
  // #endregion
}

export async function recordOnce(): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const file = await recordedRun(home);
  // #region recordOnce
  const replay = existsSync(file) ? await ReplayTransport.load(file) : null;
  const recording = new RecordingTransport();
  const codex = new Codex({ transport: replay ?? recording });

  const turn = await codex.startThread().run('Why is the build red?');
  console.log(turn.finalResponse); // A test fails.

  await codex.close();
  if (replay === null) await recording.transcript.save(file);
  else replay.assertFinished();
  // #endregion
}

export async function tokens({ codex }: Stage): Promise<void> {
  // #region continuationToken
  const { threadId } = await codex.startThread().run('Write the migration');

  const turnId = '01a20000-0000-7000-8000-000000000002';
  const continuation = continuationToken({ threadId, turnId });
  const resumed = codex.resumeThread(threadId, { continuation });

  const error: unknown = await resumed.catch((reason: unknown) => reason);
  console.log(ResumeRejectedError.is(error) && error.reason); // diverged
  // #endregion
}

export async function stubbedThread(): Promise<void> {
  // #region stubThread
  const { thread, calls } = stubThread({
    labels: { team: 'payments' },
    turns: ['A test fails.', turnResult({ finalResponse: 'Fixed.' }), new Error('No network.')],
  });

  console.log((await thread.run('Why is the build red?')).finalResponse); // A test fails.
  for await (const event of thread.runStreamed('Fix it'))
    if (event.type === 'text.delta') console.log(event.text); // Fixed.
  console.log(calls.map(({ text }) => text).join()); // Why is the build red?,Fix it
  // #endregion
}

export function builtResult(): void {
  // #region turnResult
  const turn = turnResult({ finalResponse: 'A test fails.', usage: { inputTokens: 90 } });
  console.log(turn.status, turn.items[0]?.type); // completed agentMessage
  console.log(turn.usage?.totalTokens); // 95
  // #endregion
}

export async function stubbedEvents(): Promise<void> {
  // #region event
  const events = [
    event('command.output', { text: '3 failed' }),
    event('text.delta', { text: 'Three ' }),
    event('text.delta', { text: 'tests.' }),
  ];
  const { thread } = stubThread({ turns: [{ events, outcome: 'Three tests.' }] });

  for await (const event of thread.runStreamed('How many?')) {
    if (event.type === 'command.output') console.log(event.text); // 3 failed
    if (event.type === 'turn.completed') console.log(event.usage?.totalTokens); // 15
  }
  // #endregion
}

export async function stubbedItems(): Promise<void> {
  // #region item
  const command = item('commandExecution', { command: 'npm test', exitCode: 1 });
  const answer = item('agentMessage', { text: 'A test fails.' });
  const { thread } = stubThread({ turns: [turnResult({ items: [command, answer] })] });

  const turn = await thread.run('Why is the build red?');
  console.log(command.status, turn.finalResponse); // failed A test fails.
  // #endregion
}

export async function faultyTransport(): Promise<void> {
  // #region FaultyTransport
  const transport = new FaultyTransport().on('turn/start', { nth: 2 }).kill();
  await using codex = new Codex({ transport });
  const thread = codex.startThread();

  console.log((await thread.run('Why is the build red?')).finalResponse); // A test fails.
  const error: unknown = await thread.run('Fix it').catch((reason: unknown) => reason);
  console.log(OutcomeUnknownError.is(error), transport.requests('turn/start').length); // true 2
  // #endregion
}

export async function requestFault(): Promise<void> {
  // #region RequestFault
  const transport = new FaultyTransport().on('thread/start', { nth: 1 }).reject(-32600, 'Not now.');
  await using codex = new Codex({ transport });
  const thread = codex.startThread();

  const error: unknown = await thread.run('Go').catch((reason: unknown) => reason);
  console.log(RequestError.is(error) && error.serverMessage); // Not now.
  console.log((await thread.run('Again')).status); // completed
  // #endregion
}

export async function messageFault(): Promise<void> {
  // #region MessageFault
  const transport = new FaultyTransport().onMessage('item/completed').repeat();
  await using codex = new Codex({ transport });

  const { items } = await codex.startThread().run('Go');
  console.log(items.length, new Set(items).size); // 2 2
  // #endregion
}
