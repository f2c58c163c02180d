import { messageOf } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';

/** Calls a listener. What it throws is reported and goes no further: neither the reader nor other listeners are to blame. */
export function guarded(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    reportProblem(null, 'protocol', `A listener of this package failed: ${messageOf(error)}`);
  }
}
