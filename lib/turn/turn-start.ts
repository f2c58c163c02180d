import type { ContinuationToken } from '../record/continuation-token.js';
import type { Redactor } from '../redaction.js';
import type { TurnUsage } from './usage.js';

/** Where a turn stands. @inline */
export type TurnState = 'pending' | 'queued' | 'running' | 'completed' | 'failed' | 'interrupted';

/** Where the outcome of a turn comes from. @inline */
export type TurnOrigin = 'ran' | 'adopted' | 'attached' | 'retaken';

/** What a conversation tells a turn when it starts. */
export interface TurnStart {
  /** The thread it runs on. */
  readonly threadId: string;
  /** The id codex-rs gave the turn. */
  readonly turnId: string;
  /** The thread's total before the turn, or null when it is not known. */
  readonly usageBefore: TurnUsage | null;
  /** Resumes the thread as it stands after this turn. */
  readonly continuation: ContinuationToken;
  /** Hides secrets in what codex-rs says of a failure. */
  readonly redactor: Redactor;
  /** What to do about a failure, where more is known of it than codex-rs says; else null. */
  readonly explain?: (failure: string) => string | null;
  /** Whether the thread got its id for this very turn. */
  readonly isNewThread: boolean;
  /** The labels of the thread value that runs it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The model that answers. */
  readonly model: string;
  /** The id of the provider that is asked. */
  readonly modelProvider: string;
}
