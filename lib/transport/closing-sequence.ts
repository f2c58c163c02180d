import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Deferred } from '../deferred.js';
import { descendantsOf, endAll, markedWith, terminate } from './process-tree.js';

/** How long each step of closing is given. */
export interface Patience {
  /** After the end of its standard input, before SIGTERM. Defaults to 2 s. */
  readonly inputEndMs: number;
  /** After a broken pipe, before SIGTERM. Defaults to 100 ms. */
  readonly breakMs: number;
  /** After SIGTERM, before SIGKILL. Defaults to 2 s. */
  readonly terminateMs: number;
  /** After SIGKILL, before the process is given up. Defaults to 2 s. */
  readonly killMs: number;
  /** For the pipes to run empty after the exit. Defaults to 500 ms. */
  readonly drainMs: number;
}

/** The usual {@link Patience}: codex-rs ends within 50 ms of the end of its input, also in the middle of a turn. */
export const defaultPatience: Patience = {
  inputEndMs: 2000,
  breakMs: 100,
  terminateMs: 2000,
  killMs: 2000,
  drainMs: 500,
};

/**
 * Ends a process: the end of its input, SIGTERM, SIGKILL, each given its time.
 *
 * A process that ends by itself ends its own children. One that must be killed cannot, and each command of the agent has
 * its own process group: so they are collected while they can still be found, and those still alive are killed after it.
 */
export async function closeInSteps(step: {
  readonly child: ChildProcessWithoutNullStreams;
  readonly pid: number;
  readonly exited: Deferred;
  /** The entry of its environment by which its orphans are known. */
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
