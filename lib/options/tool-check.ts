import { Toolbox } from '../tools/toolbox.js';

/**
 * Looks at the tools of a thread before anything runs.
 *
 * @throws {@link ValidationError} with everything that is wrong with them
 * @internal
 */
export function checkTools(tools: readonly object[] = []): void {
  if (tools.length > 0) Toolbox.of(tools);
}
