import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Deferred } from '../deferred.js';
import { descendantsOf, endAll, markedWith, terminate } from './process-tree.js';

/** The timeout of each step of closing. */
export interface Patience {
  /** After the end of standard input, before SIGTERM. Defaults to 2 s. */
  readonly inputEndMs: number;
  /** After a broken pipe, before SIGTERM. Defaults to 100 ms. */
  readonly breakMs: number;
  /** After SIGTERM, before SIGKILL. Defaults to 2 s. */
  readonly terminateMs: number;
  /** After SIGKILL, before giving up on the process. Defaults to 2 s. */
  readonly killMs: number;
  /** For the pipes to drain after the exit. Defaults to 500 ms. */
  readonly drainMs: number;
}

/** The default {@link Patience}: codex-rs exits within 50 ms of the end of its input, even during a turn. */
export const defaultPatience: Patience = {
  inputEndMs: 2000,
  breakMs: 100,
  terminateMs: 2000,
  killMs: 2000,
  drainMs: 500,
};

/**
 * Ends a process in steps, each with a timeout: end of input, SIGTERM, SIGKILL.
 *
 * A process that exits on its own ends its children. One that is killed cannot, and each command of the agent has its
 * own process group. Its descendants are therefore listed before the kill, and the survivors are killed after it.
 */
export async function closeInSteps(step: {
  readonly child: ChildProcessWithoutNullStreams;
  readonly pid: number;
  readonly exited: Deferred;
  /** The environment entry that identifies its orphans. */
  readonly marker: string;
  readonly inputEndMs: number;
  readonly patience: Patience;
}): Promise<void> {
  const { child, pid, exited, marker, patience } = step;
  child.stdin.end();
  if (await exited.within(step.inputEndMs)) return;
  const left = [...(await descendantsOf(pid))];
  await terminate(pid);
  if (!(await exited.within(patience.terminateMs))) {
    left.push(...(await descendantsOf(pid)));
    child.kill('SIGKILL');
    await exited.within(patience.killMs);
    left.push(...markedWith(marker));
  }
  await endAll(left);
}
