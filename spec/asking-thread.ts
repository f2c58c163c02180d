import type { Codex, Thread } from '../lib/index.js';

/** A command that asks to leave the sandbox. */
export const escalated = { escalated: true, justification: 'To deploy.' };

/** A thread that asks before a command leaves its sandbox. Its label is secret. */
export function askingThread(codex: Codex, workingDirectory: string): Thread {
  return codex.startThread({
    approvalPolicy: 'on-request',
    sandboxMode: 'read-only',
    workingDirectory,
    labels: { customer: 'secret' },
  });
}
