import { AllowApprovals, Tool } from '../../lib/index.js';
import {
  FaultyTransport,
  Gate,
  RecordingTransport,
  ScriptedReply,
  type ScriptedAnswer,
  type Transcript,
} from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { agents, agentsIn } from './spawned-agents.js';

class Directory {
  @Tool({ description: 'Looks something up.' })
  async lookup(input: object): Promise<string> {
    return Promise.resolve(JSON.stringify(input));
  }
}

/** The answers of the model in the turn `rich`: one item of every kind, and a stream that is cut. */
const richAnswers: readonly ScriptedAnswer[] = [
  ScriptedReply.reasoning('Hm.')
    .message('Let me look.', { phase: 'commentary' })
    .shellCommand('echo a'),
  ScriptedReply.patch('*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch'),
  ScriptedReply.functionCall('lookup', { id: 1 }),
  ScriptedReply.functionCall('spawn_agent', { message: 'child' }, agents),
  ({ toolOutputs }) =>
    ScriptedReply.functionCall('wait_agent', { targets: agentsIn(toolOutputs.slice(-1)) }, agents),
  ScriptedReply.deltas('Done').cut(),
  ScriptedReply.message('Done.', { phase: 'final_answer' }),
];

/**
 * Records a thread of the real codex-rs on which every method of `Thread` is called. Its turns are `rich`, which also has an item of
 * an unknown type, `silent`, which is interrupted, and `fail`.
 */
export async function richRecording(): Promise<Transcript> {
  await using offline = await OfflineCodex.start();
  const silence = new Gate();
  for (const answer of richAnswers)
    offline.model.replyOnceWhen(({ userTexts }) => userTexts.includes('rich'), answer);
  offline.model
    .replyOnceWhen(({ userTexts }) => userTexts.at(-1) === 'silent', ScriptedReply.gate(silence))
    .replyOnceWhen(({ userTexts }) => userTexts.at(-1) === 'fail', ScriptedReply.status(400))
    .otherwise(ScriptedReply.message('Yes'));
  const recording = new RecordingTransport({ transport: withUnknownItem() });
  const codex = offline.client({ transport: recording, keepLoadedMs: 0 });
  const thread = codex.startThread({
    model: 'gpt-5.5',
    approvalPolicy: 'untrusted',
    approvals: new AllowApprovals(),
    workingDirectory: offline.home.path,
    labels: { name: 'a' },
    tools: [new Directory()],
  });

  await thread.run('rich');
  await thread.clone({ options: { modelReasoningSummary: 'concise' } }).run('Again');
  const silent = thread.runStreamed('silent');
  const interrupted = failure(silent.result());
  await silence.reached;
  await silent.interrupt();
  await interrupted;
  await failure(thread.run('fail'));
  await thread.read();
  await thread.setName('New');
  await thread.setLabels({ b: 'c' });
  offline.model.reply(ScriptedReply.compaction('Short.'));
  await thread.compact();
  await (await thread.fork()).run('Again');
  await thread.run('Again');
  await codex.close();
  return recording.transcript;
}

function withUnknownItem(): FaultyTransport {
  const item = { type: 'faultyUnknownItem', id: 'unknown_1', nested: { x: 1 } };
  return new FaultyTransport()
    .onMessage('item/completed', { nth: 2, when: 'after' })
    .notifyAnything('item/started', ({ threadId, turnId }) => ({ threadId, turnId, item }))
    .onMessage('item/completed', { nth: 2, when: 'after' })
    .notifyAnything('item/completed', ({ threadId, turnId }) => ({ threadId, turnId, item }));
}
