import { CodexError, type Codex } from '../index.js';

/** The id of the thread that an argument names: an id as it is, or that of the thread that changed last. */
export async function threadIdOf(codex: Codex, argument: string): Promise<string> {
  if (argument !== 'last') return argument;
  for await (const { threadId } of codex.listThreads({ sort: 'updatedAt' })) return threadId;
  throw new CodexError('The Codex home has no thread.', { code: 'thread-unknown' });
}
