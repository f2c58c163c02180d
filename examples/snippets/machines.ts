// The snippets of the guide "Many machines" and of the doc comments of idempotent turns.
import { Codex, ThreadBusyError, TurnCutOffError } from '../../lib/index.js';
import { Gate, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function keyed({ codex }: Stage): Promise<void> {
  // #region turn by key
  const job = { key: 'PAY-123/review', input: 'Review the payment code' };

  const first = await codex.startThread().run(job.input, { idempotencyKey: job.key });
  // The queue delivers the job again, in this process or another one.
  const again = await codex.startThread().run(job.input, { idempotencyKey: job.key });

  console.log(first.origin, again.origin); // ran adopted
  console.log(again.threadId === first.threadId, again.turnId === first.turnId); // true true
  // #endregion
}

export async function worker({ codex }: Stage): Promise<void> {
  // #region job handler
  async function handle(job: { readonly key: string; readonly input: string }): Promise<string> {
    const thread = codex.startThread({ sandboxMode: 'read-only' });
    try {
      const { finalResponse } = await thread.run(job.input, { idempotencyKey: job.key });
      return finalResponse ?? '';
    } catch (error) {
      // Another worker has the thread: the queue retries later.
      if (ThreadBusyError.is(error)) throw error;
      if (!TurnCutOffError.is(error)) throw error;
      // A read-only turn changed nothing, so it can run again.
      const options = { idempotencyKey: job.key, onCutOff: 'retake' } as const;
      return (await thread.run(job.input, options)).finalResponse ?? '';
    }
  }
  // #endregion
  await handle({ key: 'PAY-124/review', input: 'Review the tests' });
}

export async function continued({ codex }: Stage): Promise<void> {
  const { threadId, continuation } = await codex.startThread().run('Review the payment code');
  const kept = { threadId, continuation: String(continuation) };
  // #region next turn by key
  const idempotencyKey = 'PAY-123/fix';
  const thread = await codex.resumeThread(kept.threadId, {
    continuation: kept.continuation,
    // If this turn ran and its token was lost, the thread is not stale.
    idempotencyKey,
  });
  const { origin } = await thread.run('Fix what you found', { idempotencyKey });
  console.log(origin); // ran
  // #endregion
}

export async function shared(): Promise<void> {
  const sharedHome = process.env.CODEX_HOME ?? '';
  const databases = await TemporaryCodexHome.create();
  const { path: localDirectory } = databases;
  // #region shared home
  const codex = new Codex({
    codexHome: sharedHome,
    sqliteHome: localDirectory,
    config: { features: { shell_snapshot: false } },
  });
  const { problems } = await codex.doctor();
  console.log(problems.length); // 0
  // #endregion
  await codex.close();
  await databases.remove();
}

export async function cutOff({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Look around');
  const gate = new Gate();
  model.reply(ScriptedReply.deltas('Sending').gate(gate));
  const turn = thread.runStreamed('Send the invoice', { idempotencyKey: 'invoice-7' });
  for await (const event of turn) if (event.type === 'text.delta') break;
  gate.open();
  model.reply(ScriptedReply.message('Sent.'));
  // #region TurnCutOffError
  try {
    await thread.run('Send the invoice', { idempotencyKey: 'invoice-7' });
  } catch (error) {
    if (!TurnCutOffError.is(error)) throw error;
    console.log(error.turnStatus); // interrupted
    const again = { idempotencyKey: 'invoice-7', onCutOff: 'retake' } as const;
    console.log((await thread.run('Send the invoice', again)).origin); // retaken
  }
  // #endregion
}

export async function foundByKey({ codex, model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('Sent.'));
  const thread = codex.startThread();
  // #region Thread.findTurn
  await thread.run('Send the invoice', { idempotencyKey: 'invoice-7' });

  const turn = await thread.findTurn('invoice-7');
  console.log(turn?.status, await thread.findTurn('invoice-8')); // completed null
  // #endregion
}

export async function threadByKey({ codex, model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('Written.'));
  // #region Codex.findThread
  await codex.startThread().run('Write the migration', { idempotencyKey: 'PAY-123' });

  const thread = await codex.findThread({ idempotencyKey: 'PAY-123' });
  console.log(thread?.preview); // Write the migration
  // #endregion
}
