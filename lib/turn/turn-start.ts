import type { ContinuationToken } from '../record/continuation-token.js';
import type { Redactor } from '../redaction.js';
import type { TurnUsage } from './usage.js';

/** The state of a turn. @inline */
export type TurnState = 'pending' | 'queued' | 'running' | 'completed' | 'failed' | 'interrupted';

/** The origin of a turn's outcome. @inline */
export type TurnOrigin = 'ran' | 'adopted' | 'attached' | 'retaken';

/** The data of a started turn. */
export interface TurnStart {
  /** The thread it runs on. */
  readonly threadId: string;
  /** The id codex-rs gave the turn. */
  readonly turnId: string;
  /** The thread's total before the turn, or null if unknown. */
  readonly usageBefore: TurnUsage | null;
  /** Resumes the thread as of the end of this turn. */
  readonly continuation: ContinuationToken;
  /** Hides secrets in the failure messages of codex-rs. */
  readonly redactor: Redactor;
  /** The remedy for a failure if more is known than codex-rs reports; otherwise null. */
  readonly explain?: (failure: string) => string | null;
  /** Whether the thread got its id with this turn. */
  readonly isNewThread: boolean;
  /** The labels of the thread value that runs it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The model that answers. */
  readonly model: string;
  /** The id of the model provider. */
  readonly modelProvider: string;
}
