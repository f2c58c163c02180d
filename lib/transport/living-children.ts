import type { ChildProcess } from 'node:child_process';

// One hook for the whole process, however many children there are: the only module state of this room.
const living = new Set<ChildProcess>();

/** Ends the child when the host exits, until {@link forgetChild}. */
export function rememberChild(child: ChildProcess): void {
  if (living.size === 0) process.on('exit', endAll);
  living.add(child);
}

/** The child is gone. */
export function forgetChild(child: ChildProcess): void {
  if (living.delete(child) && living.size === 0) process.off('exit', endAll);
}

function endAll(): void {
  for (const child of living) {
    try {
      child.kill('SIGTERM');
    } catch {
      // The others still have to be ended; the end of its input tells this one.
    }
  }
}
