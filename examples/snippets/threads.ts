// Snippets of the doc comments of the client, its threads and their builder.
import { Codex, Labels, ThreadOptions, type Thread } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function client({ model }: Stage): Promise<void> {
  model.reply(ScriptedReply.message('A library, its tests, and a demo.'));
  // #region Codex
  await using codex = new Codex({ apiKey: process.env.OPENAI_API_KEY });
  const thread = codex.startThread({ workingDirectory: process.cwd() });
  const turn = await thread.run('Explain this repository in three bullets.');
  console.log(turn.finalResponse); // A library, its tests, and a demo.
  // #endregion
}

export async function startThread({ codex }: Stage): Promise<void> {
  // #region Codex.startThread
  const thread = codex.startThread({ sandboxMode: 'read-only', labels: { team: 'payments' } });
  console.log(thread.threadId); // null
  await thread.run('Find out why the build is red');
  console.log(typeof thread.threadId); // string
  // #endregion
}

export async function resumeThread({ codex }: Stage): Promise<void> {
  // #region Codex.resumeThread
  const { threadId, continuation } = await codex.startThread().run('Write the migration');

  // Later, in any process: refused if the thread has changed since.
  const thread = await codex.resumeThread(threadId, { continuation });
  await thread.run('And now the tests');

  // By id alone, as in Python: the thread is accepted in any state.
  const same = await codex.resumeThread(threadId);
  console.log(same.equals(thread)); // true
  // #endregion
}

export async function restoreThread({ codex }: Stage): Promise<void> {
  // #region Codex.restoreThread
  const thread = codex.startThread({ labels: { ticket: 'PAY-123' } });
  await thread.run('Write the migration');
  const snapshot = JSON.stringify(thread);

  const restored = await codex.restoreThread(JSON.parse(snapshot));
  console.log(restored.labels.get('ticket')); // PAY-123
  // #endregion
}

export async function findThreads({ codex }: Stage): Promise<void> {
  const labelled = codex.startThread();
  await labelled.run('Write the migration');
  await labelled.setLabels({ ticket: 'PAY-124' });
  // #region Codex.findThreads
  for await (const { threadId, preview } of codex.findThreads({ ticket: 'PAY-124' })) {
    const thread = await codex.resumeThread(threadId);
    console.log(preview, thread.labels.get('ticket')); // Write the migration PAY-124
  }
  // #endregion
}

export async function listThreads({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Count the tests');
  // #region Codex.listThreads
  for await (const { preview, updatedAt } of codex.listThreads({ search: 'Count' })) {
    console.log(preview, updatedAt instanceof Date); // Count the tests true
  }
  // #endregion
}

export async function searchThreads({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Review the rollback');
  // #region Codex.searchThreads
  for await (const { thread, snippet } of codex.searchThreads('rollback')) {
    console.log(thread.preview, snippet.includes('rollback')); // Review the rollback true
    break;
  }
  // #endregion
}

export async function doctor({ codex }: Stage): Promise<void> {
  // #region Codex.doctor
  const { versionIsTested, problems } = await codex.doctor();
  for (const { check, what, advice } of problems) console.error(`${check}: ${what} ${advice}`);
  console.log(versionIsTested); // true
  // #endregion
}

export async function builder({ codex }: Stage): Promise<void> {
  // #region ThreadBuilder
  const payments = codex
    .thread()
    .withOptions({ workingDirectory: process.cwd(), sandboxMode: 'read-only' })
    .withLabels({ team: 'payments' });

  const one = payments.withLabels({ ticket: 'PAY-123' }).build();
  const other = payments.withOptions({ model: 'gpt-5.5' }).build();

  console.log(one.labels.names.join(), other.labels.names.join()); // team,ticket team
  console.log(one.threadOptions.model, other.threadOptions.model); // undefined gpt-5.5
  // #endregion
  await one.run('Explain this repository in three bullets.');
}

export async function builderResume({ codex }: Stage): Promise<void> {
  const { threadId, continuation } = await codex.startThread().run('Write the migration');
  // #region ThreadBuilder.resume
  const thread = await codex
    .thread()
    .withOptions({ sandboxMode: 'workspace-write' })
    .resume(threadId, { continuation });
  console.log(thread.threadId === threadId); // true
  // #endregion
}

export async function thread({ codex }: Stage): Promise<void> {
  // #region Thread
  const thread: Thread = codex.startThread({ sandboxMode: 'read-only' });
  const cause = await thread.run('Find out why the build is red');
  const fix = await thread.run('How would you fix it?');
  console.log(cause.threadId === fix.threadId, thread.durability); // true persisted
  // #endregion
}

export async function run({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Thread.run
  const turn = await thread.run('Find out why the build is red', {
    options: { sandboxMode: 'read-only' },
    timeouts: { idleMs: 60_000, totalMs: 600_000 },
    signal: AbortSignal.timeout(900_000),
  });
  console.log(turn.status, turn.finalResponse); // completed A test fails.
  // #endregion
}

export async function clone({ codex }: Stage): Promise<void> {
  const thread = codex.startThread({ sandboxMode: 'workspace-write' });
  // #region Thread.clone
  const careful = thread.clone({ options: { sandboxMode: 'read-only' } });
  await careful.run('Explain the change');
  console.log(careful.threadId === thread.threadId); // true
  console.log(thread.threadOptions.sandboxMode); // workspace-write
  // #endregion
}

export async function fork({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.fork
  const variant = await thread.fork({ labels: { variant: 'b' } });
  await variant.run('Do it with a view instead');
  console.log(variant.threadId === thread.threadId); // false
  // #endregion
}

export async function revert({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.revert
  const { turnId } = await thread.run('Now drop the table');
  await thread.revert({ before: turnId });

  const { turns } = await thread.read({ includeTurns: true });
  console.log(turns.length); // 1
  // #endregion
}

export function threadOptions(): void {
  // #region ThreadOptions
  const options = ThreadOptions.from({ model: 'gpt-5.5', sandboxMode: 'read-only' });
  const merged = options.merge({ sandboxMode: 'workspace-write', labels: { team: 'payments' } });
  console.log(merged.model, merged.sandboxMode); // gpt-5.5 workspace-write

  // The Python client's names, a Map or entries do as well.
  const same = ThreadOptions.from(new Map([['sandbox', 'read_only']]));
  console.log(same.sandboxMode); // read-only
  // #endregion
}

export function threadOptionsCheck(): void {
  // #region ThreadOptions.check
  const examination = ThreadOptions.check({ modle: 'gpt-5.5', ephemeral: 'perhaps' });
  if (!examination.ok) console.log(examination.problems.map(({ path }) => path).join()); // modle,ephemeral
  // #endregion
}

export function labels(): void {
  // #region Labels
  const labels = Labels.from({ team: 'payments' }).merge({ ticket: 'PAY-123' });
  console.log(labels.get('ticket')); // PAY-123
  console.log(JSON.stringify(labels)); // {"team":"payments","ticket":"PAY-123"}
  console.log(labels.without('team').equals({ ticket: 'PAY-123' })); // true
  // #endregion
}
