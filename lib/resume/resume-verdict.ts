import type { ContinuationToken } from '../record/continuation-token.js';
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

/** A warning about a thread that may be continued. */
export type ResumeWarning =
  /** Its last turn was interrupted, by a crash or on request. */
  | 'interrupted-tail'
  /** The thread was accepted in its current state, because there was no token. */
  | 'no-token'
  /**
   * The original sandbox of the thread is unknown, and codex-rs does not store `workspace-write`: it may run in a
   * narrower sandbox than before. Pass `sandboxMode` to choose one.
   */
  | 'sandbox-unknown';

/** The thread may be continued. @inline */
export interface AcceptedVerdict {
  /** Discriminator. */
  readonly accepted: true;
  /** The metadata of the thread from codex-rs. */
  readonly metadata: ThreadMetadata;
  /** Warnings for the caller. */
  readonly warnings: readonly ResumeWarning[];
}

/** The thread may not be continued. @inline */
export interface RejectedVerdict {
  /** Discriminator. */
  readonly accepted: false;
  /** The reason, to branch on. */
  readonly reason: ResumeRejection;
  /** The reason as text: the finding and the remedy. */
  readonly message: string;
  /** For `stale`: the number of turns added since. */
  readonly advancedBy?: number;
  /**
   * For `stale`, from the built-in validators: the token of the state that codex-rs has now. Read the new turns, then resume
   * with it: the thread is rejected again if more turns were added meanwhile.
   */
  readonly continuation?: ContinuationToken;
  /** The evidence for the judgement. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** The verdict on a resume claim. */
export type ResumeVerdict = AcceptedVerdict | RejectedVerdict;

/**
 * The result of a custom validator. An acceptance without `metadata` or `warnings` is completed with the metadata of
 * codex-rs (`thread/read`) and no warnings.
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
 * The problem with a verdict: the field and its value; null if it is valid. An acceptance may omit metadata and
 * warnings.
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
      return `warnings must be an array of strings, got ${shown(warnings)}`;
    case false:
      if (typeof reason !== 'string' || !rejections.has(reason))
        return `reason must be one of ${[...rejections].join(', ')}, got ${shown(reason)}`;
      return typeof message === 'string' ? null : `message must be a string, got ${shown(message)}`;
    default:
      return `accepted must be true or false, got ${shown(accepted)}`;
  }
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
