// What the doc comments of the methods of `ThreadBuilder`, `Thread` and `Turn` show, for methods that no other file has.
import { z } from 'zod';
import { tool } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function withOptions({ codex }: Stage): Promise<void> {
  // #region ThreadBuilder.withOptions
  const builder = codex.thread().withOptions({ model: 'gpt-5.5', workingDirectory: '/tmp' });
  await builder
    .withOptions({ modelReasoningEffort: 'high', sandboxMode: 'read-only' })
    .build()
    .run('Find the cause');
  // #endregion
}

export async function withLabels({ codex }: Stage): Promise<void> {
  // #region ThreadBuilder.withLabels
  const thread = codex.thread().withLabels({ ticket: 'PAY-123' }).build();
  await thread.run('Write the migration');
  // #endregion
}

export function withoutLabels({ codex }: Stage): void {
  // #region ThreadBuilder.withoutLabels
  const payments = codex.thread().withLabels({ team: 'payments', ticket: 'PAY-123' });
  console.log(payments.withoutLabels('ticket').build().labels.names.join()); // team
  // #endregion
}

export async function withTools({ codex }: Stage): Promise<void> {
  // #region ThreadBuilder.withTools
  const clock = tool({
    name: 'current_time',
    description: 'Returns the current time.',
    input: z.object({}),
    run: () => ({ time: new Date().toISOString() }),
  });
  await codex.thread().withTools(clock).build().run('What time is it?');
  // #endregion
}

export async function build({ codex }: Stage): Promise<void> {
  // #region ThreadBuilder.build
  const thread = codex.thread().withOptions({ ephemeral: true }).build();
  console.log(thread.threadId); // null
  await thread.run('Find the cause');
  // #endregion
}

export async function open({ codex }: Stage): Promise<void> {
  // #region Thread.open
  const threadId = await codex.startThread({ model: 'gpt-5.5' }).open();
  console.log(threadId.length); // 36
  // #endregion
}

export async function read({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.read
  const { preview, turns } = await thread.read({ includeTurns: true });
  console.log(preview, turns.length); // Write the migration 1
  // #endregion
}

export async function turns({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.turns
  for await (const { status } of thread.turns()) console.log(status); // completed
  // #endregion
}

export async function items({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.items
  const types: string[] = [];
  for await (const { item } of thread.items()) types.push(item.type);
  console.log(types.join()); // userMessage,agentMessage
  // #endregion
}

export async function attachments({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  await thread.setLabels({ ticket: 'PAY-123' });
  // #region Thread.attachments
  for await (const { attachmentType, identityKey } of thread.attachments())
    if (attachmentType === 'codex-threads.label') console.log(identityKey); // ticket=PAY-123
  // #endregion
}

export async function setName({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.setName
  await thread.setName('The migration of PAY-123');
  // #endregion
}

export async function setLabels({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.setLabels
  const labelled = await thread.setLabels({ state: 'done' });
  console.log(labelled.labels.get('state'), thread.labels.names.length); // done 0
  // #endregion
}

export async function compact({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  model.reply(ScriptedReply.compaction('A migration was written.'));
  // #region Thread.compact
  const before = thread.continuation?.toString();
  const { continuation } = await thread.compact();
  console.log(continuation.toString() === before); // false
  // #endregion
}

export async function archive({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.archive
  await thread.archive();
  // #endregion
}

export async function deleting({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.delete
  await thread.delete();
  // #endregion
}

export async function release({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region Thread.release
  await thread.release();
  // #endregion
}

export async function toJson({ codex }: Stage): Promise<void> {
  const thread = codex.startThread({ labels: { ticket: 'PAY-123' } });
  await thread.run('Write the migration');
  // #region Thread.toJSON
  const stored = JSON.stringify(thread);
  const restored = await codex.restoreThread(JSON.parse(stored));
  console.log(restored.equals(thread)); // true
  // #endregion
}

export function equals({ codex }: Stage): void {
  const thread = codex.startThread();
  // #region Thread.equals
  console.log(thread.equals(thread.clone())); // true
  console.log(thread.equals(thread.clone({ labels: { state: 'done' } }))); // false
  // #endregion
}

export async function events({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Turn.events
  for await (const event of thread.runStreamed('Why is the build red?').events)
    if (event.type === 'turn.completed') console.log(event.usage?.outputTokens); // 5
  // #endregion
}

export async function result({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region Turn.result
  const turn = thread.runStreamed('Why is the build red?');
  const { status, finalResponse } = await turn.result();
  console.log(status, finalResponse); // completed A test fails.
  // #endregion
}

export async function steer({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.shellCommand('sleep 0.2'), ScriptedReply.message('It is fixed.'));
  // #region Turn.steer
  const turn = thread.runStreamed('Fix it');
  for await (const event of turn) {
    if (event.type !== 'item.started' || event.item.type !== 'commandExecution') continue;
    console.log((await turn.steer('Keep the public API as it is')).status); // steered
  }
  // #endregion
}
