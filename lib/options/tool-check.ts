import { Toolbox } from '../tools/toolbox.js';

/**
 * Validates the tools of a thread before anything runs.
 *
 * @throws {@link ValidationError} with every problem in the tools
 * @internal
 */
export function checkTools(tools: readonly object[] = []): void {
  if (tools.length > 0) Toolbox.of(tools);
}
