// Snippets of the doc comments of turns, their results and their ends.
import { IsIn, IsString } from 'class-validator';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  Codex,
  CodexError,
  ImageInput,
  LocalImageInput,
  MentionInput,
  OutcomeUnknownError,
  OutputValidationError,
  SkillInput,
  TextInput,
  ThreadBusyError,
  costOf,
  TurnBudgetError,
  TurnConflictError,
  TurnFailedError,
  TurnInterruptedError,
  TurnLostError,
  TurnTimeoutError,
} from '../../lib/index.js';
import {
  FaultyTransport,
  Gate,
  ScriptedReply,
  TemporaryCodexHome,
} from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function runStreamed({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Thread.runStreamed
  for await (const event of thread.runStreamed('Fix it')) {
    if (event.type === 'text.delta') process.stdout.write(event.text);
    if (event.type === 'turn.completed') console.log(event.usage?.totalTokens); // 15
  }
  // #endregion
}

export async function turn({ codex, model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('It is fixed.'));
  const thread = codex.startThread();
  // #region Turn
  const turn = thread.runStreamed('Fix it');
  console.log(turn.status); // pending

  for await (const event of turn) {
    if (event.type === 'item.started' && event.item.type === 'fileChange')
      await turn.steer('Keep the public API as it is');
  }
  const { finalResponse } = await turn.result();
  console.log(turn.status, finalResponse); // completed It is fixed.
  // #endregion
}

export async function input({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await using home = await TemporaryCodexHome.create();
  const screenshot = join(home.path, 'shot.png');
  const panel = join(home.path, 'panel.tsx');
  const skill = join(process.env.CODEX_HOME ?? '', 'skills', 'review', 'SKILL.md');
  const dot =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await mkdir(dirname(skill), { recursive: true });
  await writeFile(screenshot, Buffer.from(dot, 'base64'));
  await writeFile(panel, '');
  await writeFile(skill, '---\nname: review\ndescription: Reviews.\n---\nBe kind.');
  const clipboard = await readFile(screenshot);
  // #region TurnInput
  const { finalResponse } = await thread.run([
    new TextInput('What is wrong on these screens, and where in @panel.tsx?'),
    new LocalImageInput(screenshot),
    ImageInput.fromBytes(clipboard),
    new MentionInput('panel.tsx', panel),
    new SkillInput('review', skill),
  ]);
  console.log(finalResponse); // A test fails.
  // #endregion
}

export async function interrupt({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.deltas('I begin').gate(new Gate()));
  // #region Turn.interrupt
  const turn = thread.runStreamed('Rewrite everything');
  for await (const event of turn) {
    if (event.type !== 'text.delta') continue;
    const { acknowledged, commandsEnded } = await turn.interrupt();
    console.log(acknowledged, commandsEnded); // true 0
  }
  console.log(turn.status); // interrupted
  // #endregion
}

export async function textStream({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Turn.textStream
  let text = '';
  for await (const part of thread.runStreamed('Why is the build red?').textStream) text += part;
  console.log(text); // A test fails.
  // #endregion
}

export async function readableStream({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Turn.toReadableStream
  const stream = thread.runStreamed('Why is the build red?').toReadableStream();
  const response = new Response(stream.pipeThrough(new TextEncoderStream()));
  console.log(await response.text()); // A test fails.
  // #endregion
}

export async function result({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region TurnResult
  const turn = await thread.run('Why is the build red?');
  console.log(turn.finalResponse, turn.items.length); // A test fails. 2
  console.log(turn.usage?.inputTokens, turn.usage?.outputTokens); // 10 5
  const kept = JSON.stringify({ threadId: turn.threadId, continuation: turn.continuation });
  // #endregion
  JSON.parse(kept);
}

export async function failed({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.status(429));
  // #region TurnFailedError
  try {
    await thread.run('Fix it');
  } catch (error) {
    if (!TurnFailedError.is(error)) throw error;
    console.log(error.reason, error.providerStatus, error.retryable); // rate-limited 429 true
    if (error.retryable) await thread.run('Fix it');
  }
  // #endregion
}

export async function interrupted({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.deltas('I begin').gate(new Gate()));
  // #region TurnInterruptedError
  const turn = thread.runStreamed('Rewrite everything');
  for await (const event of turn) if (event.type === 'text.delta') break;

  try {
    await turn.result();
  } catch (error) {
    if (!TurnInterruptedError.is(error)) throw error;
    console.log(error.code, error.items.length); // turn-interrupted 1
  }
  // #endregion
}

export async function timedOut({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.gate(new Gate()));
  // #region TurnTimeoutError
  try {
    await thread.run('Think about it', { timeouts: { totalMs: 2000 } });
  } catch (error) {
    if (!TurnTimeoutError.is(error)) throw error;
    console.log(error.budget, error.limitMs); // totalMs 2000
  }
  // #endregion
}

export async function budget({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread({ sandboxMode: 'danger-full-access' });
  const spent = { inputTokens: 14_000, outputTokens: 1000 };
  const step = ScriptedReply.shellCommand('sleep 60', { yieldTimeMs: 250 }).usage(spent);
  model.reply(step, step).otherwise(ScriptedReply.gate(new Gate()));
  const kept: string[] = [];
  const save = async (...parts: string[]): Promise<number> => Promise.resolve(kept.push(...parts));
  // #region TurnBudgetError
  try {
    await thread.run('Rewrite everything', { budget: { totalTokens: 20_000 } });
  } catch (error) {
    if (!TurnBudgetError.is(error)) throw error;
    console.log(error.budget, error.spent, error.limit); // totalTokens 30000 20000
    console.log(error.status, error.usage?.outputTokens); // interrupted 2000
    await save(error.threadId, String(error.continuation));
  }
  // #endregion
}

export async function review({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  const finding = {
    title: '[P1] Await the promise',
    body: 'It may fail later, unseen.',
    confidence_score: 0.9,
    priority: 1,
    code_location: { absolute_file_path: '/repo/a.ts', line_range: { start: 3, end: 3 } },
  };
  const answer = {
    findings: [finding],
    overall_correctness: 'patch is incorrect',
    overall_explanation: 'One promise is not awaited.',
    overall_confidence_score: 0.8,
  };
  model.reply(ScriptedReply.message(JSON.stringify(answer)));
  // #region review
  const { findings, explanation } = await thread.review({ target: { baseBranch: 'main' } });
  for (const { priority, title, path, startLine } of findings)
    console.log(`P${priority ?? '?'} ${basename(path)}:${startLine} ${title}`); // P1 a.ts:3 Await the promise
  console.log(explanation); // One promise is not awaited.
  // #endregion
}

export async function cost({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region costOf
  const rates = { input: 1.25, cachedInput: 0.125, output: 10 };
  const { usage, subagentUsage } = await thread.run('Why is the build red?');
  const costs = [usage, ...Object.values(subagentUsage)].map((spent) => costOf(spent, rates) ?? 0);
  console.log(costs.reduce((sum, cost) => sum + cost).toFixed(6)); // 0.000063
  // #endregion

  // #region budget in money
  const limited = await thread.run('Fix it', { budget: { cost: { limit: 0.5, rates } } });
  console.log(limited.status); // completed
  // #endregion
}

export async function contextWindow({ codex }: Stage): Promise<void> {
  const thread = codex.startThread({ model: 'mock-model' });
  await thread.run('Hello');
  // #region contextWindow
  const { used = 0, size = 0, fraction = 0 } = thread.contextWindow ?? {};
  console.log(used, size); // 15 258400
  if (fraction > 0.8) await thread.compact();
  // #endregion
}

export async function lost({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.deltas('I begin').gate(new Gate()));
  const endProcess = async (): Promise<void> => {
    const { processId } = await codex.serverInfo();
    if (processId !== null) process.kill(processId, 'SIGKILL');
  };
  const turn = thread.runStreamed('Write the migration');
  void (async () => {
    for await (const text of turn.textStream) if (text !== '') await endProcess();
  })().catch(() => undefined);
  // #region TurnLostError
  try {
    await turn.result();
  } catch (error) {
    if (!TurnLostError.is(error)) throw error;
    console.log(error.signal, error.delivered); // SIGKILL true
    await thread.run('Continue where you left off');
  }
  // #endregion
}

export async function attached({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  const threadId = await thread.open();
  const gate = new Gate();
  model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
  const input = [{ type: 'text' as const, text: 'Why is the build red?', text_elements: [] }];
  await codex.request('turn/start', { threadId, input });
  await gate.reached;
  setImmediate(() => {
    gate.open();
  });
  // #region Thread.attach
  const turn = await thread.attach();
  if (turn !== null) console.log((await turn.result()).finalResponse); // A test fails.
  // #endregion
}

export async function conflict({ model }: Stage): Promise<void> {
  const gate = new Gate();
  model.reply(ScriptedReply.deltas('A test ').gate(gate));
  const transport = new FaultyTransport()
    .onMessage('item/started', { nth: 1 })
    .edit((params) => ({ ...params, item: { ...params.item, clientId: 'another-client' } }));
  await using codex = new Codex({ transport });
  const thread = codex.startThread();
  // #region TurnConflictError
  try {
    await thread.run('Fix it');
  } catch (error) {
    if (!TurnConflictError.is(error)) throw error;
    const turn = await thread.attach();
    console.log(turn?.turnId === error.turnId); // true
  }
  // #endregion
  await gate.reached;
  gate.open();
}

export async function unknownOutcome(): Promise<void> {
  const transport = new FaultyTransport().on('turn/start', { nth: 1 }).dropReply();
  for (const sign of ['turn/started', 'item/started', 'item/completed'] as const)
    transport.onMessage(sign, { nth: 1 }).drop();
  await using codex = new Codex({ transport });
  const thread = codex.startThread();
  const timeouts = { ackMs: 1000 };
  // #region OutcomeUnknownError
  try {
    await thread.run('Send the invoice', { timeouts });
  } catch (error) {
    if (!OutcomeUnknownError.is(error)) throw error;
    const outcome = await error.reconcile();
    console.log(outcome.status); // found
    if (outcome.status === 'absent') await thread.run('Send the invoice');
  }
  // #endregion
}

export async function busy({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  const gate = new Gate();
  model.reply(ScriptedReply.gate(gate).message('Done'));
  // #region ThreadBusyError
  const first = thread.run('Fix it');
  try {
    await thread.run('And now?', { whenBusy: 'reject' });
  } catch (error) {
    if (!ThreadBusyError.is(error)) throw error;
    console.log(error.holder, error.retryable); // this-client true
  }
  // #endregion
  gate.open();
  await first;
}

// #region OutputValidationError
class Report {
  @IsString()
  readonly summary!: string;

  @IsIn(['low', 'high'])
  readonly risk!: 'low' | 'high';
}
// #endregion

export async function invalidOutput({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.message('{"summary":"A test fails.","risk":"maybe"}'));
  // #region OutputValidationError
  try {
    await thread.run('Assess the risk', { output: Report });
  } catch (error) {
    if (!OutputValidationError.is(error)) throw error;
    console.log(error.problems.map(({ path }) => path).join()); // risk
  }
  // #endregion
}

export async function anyError({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.contextWindowExceeded());
  // #region CodexError
  try {
    await thread.run('Fix it');
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    console.log(error.name, error.code, error.retryable); // TurnFailedError turn-failed false
    console.error(JSON.stringify(error));
  }
  // #endregion
}
