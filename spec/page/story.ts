import { AllowApprovals, DenyApprovals, tool, type Codex, type Thread } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { OfflineCodex } from '../offline-codex.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const patch = `*** Begin Patch
*** Update File: retry.ts
@@
 one
-two
+2
 three
*** End Patch`;

/** The key of the client of this story; the page and the transcript hide it. */
export const storyKey = 'spec-key-1234567890';

/**
 * A thread with everything that a page can show: two completed turns, the second with a refused command, and a
 * failed turn.
 */
export async function storyOn(offline: OfflineCodex, codex: Codex): Promise<Thread> {
  const workingDirectory = join(offline.home.path, 'work');
  await mkdir(workingDirectory);
  await writeFile(join(workingDirectory, 'retry.ts'), 'one\ntwo\nthree\n');
  const lookup = tool({
    name: 'lookup',
    description: 'Looks a ticket up.',
    input: {
      jsonSchema: {
        type: 'object',
        properties: { ticket: { type: 'string' } },
        required: ['ticket'],
        additionalProperties: false,
      },
    },
    run: async () => Promise.resolve('Retry twice'),
  });
  offline.model.reply(
    ScriptedReply.reasoning('**Looking** at the test.')
      .message('Let me look.', { phase: 'commentary' })
      .shellCommand(`echo "not ok ${storyKey}"; exit 3`),
    ScriptedReply.functionCall('update_plan', {
      explanation: 'Two steps.',
      plan: [
        { step: 'Find the test', status: 'completed' },
        { step: 'Correct the retry', status: 'in_progress' },
      ],
    }),
    ScriptedReply.patch(patch),
    ScriptedReply.functionCall('lookup', { ticket: 'PAY-123' }),
    ScriptedReply.message('The build is **green** again.', { phase: 'final_answer' }),
    ScriptedReply.shellCommand('touch deployed'),
    ScriptedReply.message('I did not deploy.'),
    ScriptedReply.status(400),
  );
  const thread = codex.startThread({
    model: 'gpt-5.5',
    approvalPolicy: 'untrusted',
    sandboxMode: 'danger-full-access',
    labels: { ticket: 'PAY-123' },
    tools: [lookup],
    workingDirectory,
  });
  await thread.run('Why is the build red?', { approvals: new AllowApprovals() });
  await thread.run('Deploy it', { approvals: new DenyApprovals() });
  await thread.run('Fail').catch(() => undefined);
  return thread;
}
