import { threadIdProblem } from '../ids.js';
import { CodexError, type Codex } from '../index.js';
import { UsageError } from './usage-error.js';

/**
 * Returns the id of the thread that an argument names: a given id unchanged, or that of the most recently changed
 * thread.
 */
export async function threadIdOf(codex: Codex, argument: string): Promise<string> {
  if (argument !== 'last') {
    if (threadIdProblem(argument) === null) return argument;
    throw new UsageError(`THREAD must be the id of a thread or "last", got "${argument}".`);
  }
  for await (const { threadId } of codex.listThreads({ sort: 'updatedAt' })) return threadId;
  throw new CodexError('The Codex home has no thread.', { code: 'thread-unknown' });
}
