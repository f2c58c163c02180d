import { messageOf } from '../shapes.js';
import { telemetry } from './telemetry.js';

/** Publishes what went wrong off a turn's path: an error, or a sentence. */
export function reportProblem(threadId: string | null, during: string, problem: unknown): void {
  telemetry.problem.publish(() => ({ threadId, during, message: messageOf(problem) }));
}
