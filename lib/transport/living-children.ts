import type { ChildProcess } from 'node:child_process';

// One hook for the whole process, regardless of the number of children: the only module state of this room.
const living = new Set<ChildProcess>();

/** Ends the child when the host exits, unless {@link forgetChild} is called first. */
export function rememberChild(child: ChildProcess): void {
  if (living.size === 0) process.on('exit', endAll);
  living.add(child);
}

/** Removes a child that has exited. */
export function forgetChild(child: ChildProcess): void {
  if (living.delete(child) && living.size === 0) process.off('exit', endAll);
}

function endAll(): void {
  for (const child of living) {
    try {
      child.kill('SIGTERM');
    } catch {
      // The other children still have to be ended; this one sees the end of its input.
    }
  }
}
