// Snippets of the guides that are not in doc comments.
import { z } from 'zod';
import {
  Codex,
  CodexError,
  ContinuationToken,
  OutcomeUnknownError,
  ResumeRejectedError,
  TurnFailedError,
  TurnLostError,
  telemetry,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function warmUp({ codex }: Stage): Promise<void> {
  // #region warm up
  await codex.warmUp();
  const { version, isTested, processId, generation } = await codex.serverInfo();
  console.log(version, isTested, processId !== null, generation); // 0.171.0 true true 1
  // #endregion
}

export async function service(): Promise<void> {
  // #region service
  const codex = new Codex();
  process.once('SIGTERM', () => void codex.close());
  // #endregion
  const [close] = process.listeners('SIGTERM').slice(-1);
  if (close !== undefined) process.off('SIGTERM', close);
  await codex.close();
}

export function options(): void {
  const codex = new Codex();
  // #region three ways
  const object = codex.startThread({ model: 'gpt-5.5', labels: { team: 'payments' } });
  const map = codex.startThread(
    new Map<string, unknown>([
      ['model', 'gpt-5.5'],
      ['labels', { team: 'payments' }],
    ]),
  );
  console.log(object.threadOptions.equals(map.threadOptions)); // true
  // #endregion
}

export async function resuming({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  const { threadId, continuation } = await thread.run('Write the migration');
  await thread.run('And now the tests');
  await resumeSafely(codex, threadId, String(continuation));
  // #region continue anyway
  const asItStands = await codex.resumeThread(threadId);
  await asItStands.run('Sum up what was done since, then go on');
  // #endregion
}

// #region resume or tell
async function resumeSafely(codex: Codex, threadId: string, token: string): Promise<Thread | null> {
  try {
    return await codex.resumeThread(threadId, { continuation: token });
  } catch (error) {
    if (!ResumeRejectedError.is(error)) throw error;
    switch (error.reason) {
      case 'busy':
      case 'backend-unavailable':
        throw error; // Try again later, if error.retryable.
      case 'stale':
        console.log(`New turns: ${error.verdict.advancedBy}`); // New turns: 1
        return null;
      default:
        console.error(error.message);
        return null;
    }
  }
}
// #endregion

export async function tokensAreKept({ codex }: Stage): Promise<void> {
  const kept = new Map<string, string>();
  // #region keep the token
  const thread = codex.startThread();
  const { threadId } = await thread.run('Write the migration');
  kept.set(threadId, String(thread.continuation));
  // #endregion
  ContinuationToken.decode(kept.get(threadId) ?? '');
}

export async function restartedService({ codex }: Stage): Promise<void> {
  const kept = new Map<string, string>();
  const save = (threadId: string, token: string): unknown => kept.set(threadId, token);
  const load = (threadId: string): string => kept.get(threadId) ?? '';
  const thread = codex.startThread();
  const { threadId } = await thread.run('Write the migration');
  // #region keep the token of a running turn
  for await (const event of thread.runStreamed('And now the tests')) {
    // Before the turn ends: if this process is killed now, the next one resumes from here.
    if (event.type === 'turn.started') save(threadId, String(thread.continuation));
  }
  // #endregion
  await thread.release();
  // #region resume after a kill
  await using restarted = new Codex();
  const resumed = await restarted.resumeThread(threadId, { continuation: load(threadId) });
  await resumed.run('Your last turn may have been cut off: check what is done, then go on.');
  // #endregion
}

export async function signed(): Promise<void> {
  // #region signed tokens
  const secret = { continuationSecret: 'a-secret-that-all-servers-share' };
  await using codex = new Codex(secret);
  const { threadId, continuation } = await codex.startThread().run('Write the migration');

  await using other = new Codex({ continuationSecret: 'a-secret-of-another-service' });
  try {
    await other.resumeThread(threadId, { continuation: String(continuation) });
  } catch (error) {
    if (!ResumeRejectedError.is(error)) throw error;
    console.log(error.reason); // tampered
  }
  // #endregion
}

export async function handOver({ codex }: Stage): Promise<void> {
  // #region hand over
  const thread = codex.startThread();
  const { threadId, continuation } = await thread.run('Write the migration');
  await thread.release();

  await using elsewhere = new Codex();
  const resumed = await elsewhere.resumeThread(threadId, { continuation });
  await resumed.run('And now the tests');
  console.log(resumed.threadId === threadId); // true
  // #endregion
}

export async function stopBySignal({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  const gate = new Gate();
  model.reply(ScriptedReply.gate(gate));
  // #region stop by signal
  const user = new AbortController();
  const result = thread.run('Rewrite everything', { signal: user.signal });
  // #endregion
  await gate.reached;
  // #region stop by signal
  // When the user presses Stop:
  user.abort(new Error('The user has left'));
  try {
    await result;
  } catch (error) {
    console.log(error === user.signal.reason); // true
  }
  // #endregion
}

export async function queueing({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region turns queue
  const [first, second] = await Promise.all([thread.run('Plan it'), thread.run('Then do it')]);
  console.log(first.threadId === second.threadId, first.turnId === second.turnId); // true false
  // #endregion
}

export async function zod({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.message('{"summary":"A test fails.","risk":"low"}'));
  // #region output of zod
  const report = z.object({ summary: z.string(), risk: z.enum(['low', 'high']) });
  const { output } = await thread.run('Assess the risk', { output: report });
  console.log(output.risk, output.summary); // low A test fails.
  // #endregion
}

export async function growing({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.deltas('{"title":"A test', ' fails","risk":"hi', 'gh"}'));
  // #region partial output
  const report = z.object({ title: z.string(), risk: z.enum(['low', 'high']) });
  const turn = thread.runStreamed('Assess the risk', { output: report });
  for await (const { title = '', risk } of turn.partialOutput)
    process.stdout.write(`\r${title} ${risk ?? '…'}`);
  const { output } = await turn.result();
  console.log(output.title, output.risk); // A test fails high
  // #endregion
}

export async function jsonSchema({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.message('{"summary":"A test fails."}'));
  // #region output of json schema
  const outputSchema = {
    type: 'object',
    properties: { summary: { type: 'string' } },
    required: ['summary'],
    additionalProperties: false,
  };
  const { output } = await thread.run('Sum it up', { outputSchema });
  console.log(output.summary); // A test fails.
  // #endregion
}

export async function failingModel({ codex, model }: Stage): Promise<void> {
  // #region a failing model
  model.reply(ScriptedReply.status(429), ScriptedReply.message('Now it works.'));
  const thread = codex.startThread();

  const failed = await thread.run('Fix it').catch((error: unknown) => error);
  console.log(TurnFailedError.is(failed) && failed.reason); // rate-limited
  console.log((await thread.run('Fix it')).finalResponse); // Now it works.
  // #endregion
}

export async function ownHome(): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const { path: codexHome } = home;
  // #region separate home
  await using codex = new Codex({
    codexHome,
    apiKey: process.env.OPENAI_API_KEY,
    environment: { inherit: 'core' },
  });
  const { codexHome: used } = await codex.serverInfo();
  console.log(used === codexHome); // true
  // #endregion
}

export async function isolated({ model }: Stage): Promise<void> {
  const { baseUrl } = model;
  const workingDirectory = process.cwd();
  // #region isolated
  await using codex = new Codex({
    isolation: 'private',
    apiKey: process.env.OPENAI_API_KEY,
    baseUrl,
  });
  const thread = codex.startThread({ workingDirectory, developerInstructions: 'Be brief.' });
  await thread.run('Explain this repository');
  // #endregion
}

export async function isolatedForLong({ model }: Stage): Promise<void> {
  const { baseUrl } = model;
  await using home = await TemporaryCodexHome.create();
  const { path: codexHome } = home;
  // #region isolated for long
  const options = { isolation: 'private', codexHome, baseUrl } as const;
  await using codex = new Codex(options);
  const { threadId, continuation } = await codex.startThread().run('Write the migration');
  await codex.close();

  await using another = new Codex(options);
  const thread = await another.resumeThread(threadId, { continuation });
  await thread.run('And now the tests');
  // #endregion
}

export async function added({ model }: Stage): Promise<void> {
  const { baseUrl } = model;
  const server = { command: process.execPath, args: ['.build/spec/approvals/mcp-server.js'] };
  process.env.NPM_TOKEN = 'a-token-of-the-service';
  // #region added
  await using codex = new Codex({
    isolation: 'private',
    config: { mcp_servers: { bank: server } },
    environment: { pass: ['NPM_TOKEN'] },
    baseUrl,
  });
  await codex.startThread({ sandboxMode: 'workspace-write' }).run('Publish the package');
  // #endregion
  delete process.env.NPM_TOKEN;
}

export async function noInstructions({ codex: other, model }: Stage): Promise<void> {
  await using folder = await TemporaryCodexHome.create();
  await folder.write('AGENTS.md', 'Answer in verse.');
  const isRead = (): boolean => JSON.stringify(model.requests.at(-1)?.body).includes('in verse');
  const workingDirectory = folder.path;
  await other.startThread({ workingDirectory }).run('Explain this repository');
  console.log(isRead()); // true
  // #region nothing of the repository
  const codex = new Codex({ config: { project_doc_max_bytes: 0 } });
  await codex.startThread({ workingDirectory }).run('Explain this repository');
  // #endregion
  await codex.close();
  console.log(isRead()); // false
}

// #region once more
async function runSafely(thread: Thread, input: string): Promise<string | null> {
  try {
    return (await thread.run(input)).finalResponse;
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    // codex-rs may have received the turn: check before you send it again.
    if (OutcomeUnknownError.is(error)) {
      const { status } = await error.reconcile();
      return status === 'absent' ? runSafely(thread, input) : null;
    }
    // codex-rs received the turn: its input is in the history, so do not repeat it.
    if (TurnLostError.is(error)) return runSafely(thread, 'Continue where you left off');
    // The turn ran and failed: retry it only if the error is retryable.
    if (error.retryable) return runSafely(thread, input);
    throw error;
  }
}
// #endregion

export async function onceMore({ codex, model }: Stage): Promise<void> {
  model.reply(ScriptedReply.status(429));
  console.log(await runSafely(codex.startThread(), 'Fix it')); // A test fails.
}

export async function logging({ codex }: Stage): Promise<void> {
  const log = { info: (fields: object) => fields };
  // #region log all turns
  const stop = telemetry.turnEnd.subscribe(({ threadId, status, errorCode }) => {
    log.info({ threadId, status, errorCode });
  });
  await codex.startThread().run('Fix it');
  stop();
  // #endregion
}
