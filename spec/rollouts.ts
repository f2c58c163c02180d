import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The rollout files of a thread in a home: the original one, and another for each revert. */
export function rolloutsOf(home: string, threadId: string): readonly string[] {
  const sessions = join(home, 'sessions');
  const files = readdirSync(sessions, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.includes(threadId)).map((file) => join(sessions, file));
}

/** The original rollout file of a thread. */
export function firstRolloutOf(home: string, threadId: string): string {
  const first = rolloutsOf(home, threadId).find((file) => file.endsWith(`${threadId}.jsonl`));
  if (first === undefined) throw new Error(`Thread ${threadId} has no rollout in ${home}.`);
  return first;
}

/** Copies only the rollouts of a home to another one. */
export function copyRollouts(from: string, to: string): void {
  cpSync(join(from, 'sessions'), join(to, 'sessions'), { recursive: true });
}
