import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Resolves when the condition is met; rejects if it never is. */
export async function eventually(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Never came true: ${String(condition)}`);
    await wait(5);
  }
}

/** Whether a process with this id is running; a zombie does not count. */
export function isAlive(pid: number | null): boolean {
  const file = `/proc/${pid ?? 0}/stat`;
  if (!existsSync(file)) return false;
  try {
    const stat = readFileSync(file, 'latin1');
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'Z');
  } catch {
    return false;
  }
}
