import { ThreadMetadata } from '../record/thread-metadata.js';

/** Why a thread may not be continued: a closed set. */
export type ResumeRejection =
  | 'malformed-id'
  | 'malformed-token'
  | 'tampered'
  | 'foreign'
  | 'unknown-thread'
  | 'never-ran'
  | 'archived'
  | 'busy'
  | 'stale'
  | 'diverged'
  | 'metadata-mismatch'
  | 'provider-missing'
  | 'backend-unavailable'
  | 'unknown';

/** Something worth knowing about a thread that may be continued. */
export type ResumeWarning = 'interrupted-tail' | 'no-token';

/** The thread may be continued. */
export interface AcceptedVerdict {
  /** Tells the verdicts apart. */
  readonly accepted: true;
  /** What codex-rs knows of the thread. */
  readonly metadata: ThreadMetadata;
  /** What the caller may want to know. */
  readonly warnings: readonly ResumeWarning[];
}

/** The thread may not be continued. */
export interface RejectedVerdict {
  /** Tells the verdicts apart. */
  readonly accepted: false;
  /** Why, to branch on. */
  readonly reason: ResumeRejection;
  /** Why, for people: what was found and what to do. */
  readonly message: string;
  /** For `stale`: how many turns were added since. */
  readonly advancedBy?: number;
  /** What the judgement rests on. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** A judgement on a resume claim. */
export type ResumeVerdict = AcceptedVerdict | RejectedVerdict;

const rejections: ReadonlySet<string> = new Set<ResumeRejection>([
  'malformed-id',
  'malformed-token',
  'tampered',
  'foreign',
  'unknown-thread',
  'never-ran',
  'archived',
  'busy',
  'stale',
  'diverged',
  'metadata-mismatch',
  'provider-missing',
  'backend-unavailable',
  'unknown',
]);

/** Whether a value is a whole verdict; what is not counts as a rejection. @internal */
export function isVerdict(value: unknown): value is ResumeVerdict {
  if (typeof value !== 'object' || value === null || !('accepted' in value)) return false;
  if (value.accepted === true)
    return (
      'metadata' in value &&
      value.metadata instanceof ThreadMetadata &&
      'warnings' in value &&
      Array.isArray(value.warnings)
    );
  return (
    value.accepted === false &&
    'reason' in value &&
    typeof value.reason === 'string' &&
    rejections.has(value.reason) &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
