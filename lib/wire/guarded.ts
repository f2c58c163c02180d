import { messageOf } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';

/**
 * Calls a listener. Reports its errors instead of throwing them, so that they do not affect the reader or other
 * listeners.
 */
export function guarded(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    reportProblem(null, 'protocol', `A listener of this package failed: ${messageOf(error)}`);
  }
}
