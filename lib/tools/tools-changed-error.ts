import { CodexError } from '../errors.js';
import type { ToolsDifference } from './tool-digests.js';

/**
 * The tools at hand are not those the thread was started with. codex-rs keeps a thread's tools for good: it can neither add
 * one later nor change what the model was told of it.
 *
 * @example
 * ```ts
 * class Clock {
 *   @Tool({ description: 'Tells the time.' })
 *   time(): string {
 *     return new Date().toISOString();
 *   }
 * }
 *
 * const thread = await codex.resumeThread(threadId, { tools: [new Clock()] });
 * try {
 *   await thread.run('What time is it?');
 * } catch (error) {
 *   if (!ToolsChangedError.is(error)) throw error;
 *   console.log(error.difference.added); // [ 'time' ]
 * }
 * ```
 */
export class ToolsChangedError extends CodexError {
  static override readonly errorName: string = 'ToolsChangedError';
  /** What differs. */
  readonly difference: ToolsDifference;

  constructor(difference: ToolsDifference) {
    const parts = [
      describe('The thread does not have', difference.added),
      describe('The input has changed of', difference.changed),
    ].filter((part) => part !== '');
    super(
      `The tools differ from those the thread was started with. ${parts.join(' ')} Leave them out, give the earlier input back, or start a new thread.`,
      { code: 'tools-changed' },
    );
    this.difference = difference;
  }
}

function describe(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const listed = names.slice(0, 10).join(', ');
  return `${what}: ${listed}${names.length > 10 ? ` and ${names.length - 10} more` : ''}.`;
}
