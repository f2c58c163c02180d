import { CodexError } from '../errors.js';
import type { ToolsDifference } from './tool-digests.js';

/**
 * The given tools differ from those that the thread was started with. codex-rs keeps the tools of a thread permanently:
 * it can neither add a tool later nor change its description.
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
  /** The differences. */
  readonly difference: ToolsDifference;

  constructor(difference: ToolsDifference) {
    const parts = [
      describe('The thread does not have', difference.added),
      describe('The input has changed for', difference.changed),
    ].filter((part) => part !== '');
    super(
      `The tools differ from those the thread was started with. ${parts.join(' ')} Remove the new tools, restore the earlier input, or start a new thread.`,
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
