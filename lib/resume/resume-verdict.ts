import type { ThreadMetadata } from '../record/thread-metadata.js';
import { shown } from '../validation.js';

/** Why a thread may not be continued: a closed set. */
export type ResumeRejection =
  | 'malformed-id'
  | 'malformed-token'
  | 'tampered'
  | 'foreign'
  | 'unknown-thread'
  | 'never-ran'
  | 'unreadable-history'
  | 'archived'
  | 'busy'
  | 'stale'
  | 'diverged'
  | 'metadata-mismatch'
  | 'provider-missing'
  | 'backend-unavailable'
  | 'unknown';

/** Something worth knowing about a thread that may be continued. */
export type ResumeWarning =
  /** Its last turn was interrupted, by a crash or by somebody. */
  | 'interrupted-tail'
  /** It was taken as it stands, since the caller had no token. */
  | 'no-token'
  /**
   * The sandbox it was started with is not known here, and codex-rs forgets `workspace-write`: it may run in a narrower one
   * than before. Pass `sandboxMode` to choose.
   */
  | 'sandbox-unknown';

/** The thread may be continued. @inline */
export interface AcceptedVerdict {
  /** Tells the verdicts apart. */
  readonly accepted: true;
  /** What codex-rs knows of the thread. */
  readonly metadata: ThreadMetadata;
  /** What the caller may want to know. */
  readonly warnings: readonly ResumeWarning[];
}

/** The thread may not be continued. @inline */
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

/**
 * A judgement as a validator of your own may give it: an acceptance without `metadata` or `warnings` is completed, with
 * the metadata that codex-rs has (`thread/read`) and no warnings.
 */
export type ResumeJudgement =
  RejectedVerdict | (Pick<AcceptedVerdict, 'accepted'> & Partial<AcceptedVerdict>);

const rejections: ReadonlySet<string> = new Set<ResumeRejection>([
  'malformed-id',
  'malformed-token',
  'tampered',
  'foreign',
  'unknown-thread',
  'never-ran',
  'unreadable-history',
  'archived',
  'busy',
  'stale',
  'diverged',
  'metadata-mismatch',
  'provider-missing',
  'backend-unavailable',
  'unknown',
]);

/**
 * What is wrong with a verdict: the field, and the value it has; null if nothing is. An acceptance may leave out its
 * metadata and warnings.
 *
 * @internal
 */
export function verdictProblem(value: unknown): string | null {
  if (typeof value !== 'object' || value === null)
    return `it must be an object, got ${shown(value)}`;
  const { accepted, warnings, reason, message } = value as Readonly<Record<string, unknown>>;
  switch (accepted) {
    case true:
      if (isListOfTexts(warnings ?? [])) return null;
      return `warnings must be a list of texts, got ${shown(warnings)}`;
    case false:
      if (typeof reason !== 'string' || !rejections.has(reason))
        return `reason must be one of ${[...rejections].join(', ')}, got ${shown(reason)}`;
      return typeof message === 'string' ? null : `message must be a text, got ${shown(message)}`;
    default:
      return `accepted must be true or false, got ${shown(accepted)}`;
  }
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
