import { messageOf } from '../shapes.js';
import { telemetry } from './telemetry.js';

/** Publishes a problem that does not affect a turn: an error, or a sentence. */
export function reportProblem(threadId: string | null, during: string, problem: unknown): void {
  telemetry.problem.publish(() => ({ threadId, during, message: messageOf(problem) }));
}
