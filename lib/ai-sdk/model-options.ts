import type { TurnOptions } from '../turn/turn-options.js';
import type { PromptHistory } from './prompt-history.js';

/** How `codexModel` runs turns. */
export interface CodexModelOptions extends Pick<
  TurnOptions,
  'approvals' | 'budget' | 'source' | 'timeouts' | 'whenBusy'
> {
  /**
   * What happens to the messages of a prompt that come before the new ones: the thread has its own history. `check`, the
   * default, refuses a prompt with messages of the user that the thread does not have; `send` sends those as texts with the
   * turn; `ignore` leaves them out.
   */
  readonly history?: PromptHistory;
}
