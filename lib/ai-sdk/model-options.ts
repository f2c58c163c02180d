import type { TurnOptions } from '../turn/turn-options.js';
import type { PromptHistory } from './prompt-history.js';

/** Options of `codexModel`. */
export interface CodexModelOptions extends Pick<
  TurnOptions,
  'approvals' | 'budget' | 'source' | 'timeouts' | 'whenBusy'
> {
  /**
   * How to handle the messages of a prompt before the new ones, since the thread has its own history. `check`, the
   * default, rejects a prompt with user messages that the thread does not have. `send` sends those as texts with the
   * turn. `ignore` omits them.
   */
  readonly history?: PromptHistory;
}
