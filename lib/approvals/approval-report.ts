import type { ApprovalVerdict } from './approval-decision.js';
import type { ApprovalKind } from './approval-request.js';

/**
 * The cause of a decision. Either the handler decided, or a default applies: the handler failed, was late, or returned
 * something other than a decision about the request; the client has no handler; no handler can decide the request; or the
 * request could not be parsed. `withdrawn` means that the decision was no longer needed.
 *
 * @inline
 */
export type ApprovalCause =
  | 'handler'
  | 'threw'
  | 'late'
  | 'invalid'
  | 'no-handler'
  | 'withdrawn'
  | 'unreadable'
  | 'unsupported';

/** The outcome of a request, for telemetry. It has no content: no command, no diff, no answer. */
export interface ApprovalReport {
  /** The method of the protocol. */
  readonly method: string;
  /** The kind of request, or null if the request could not be parsed. */
  readonly kind: ApprovalKind | null;
  /** The requesting thread, or null. */
  readonly threadId: string | null;
  /** The requesting turn, or null. */
  readonly turnId: string | null;
  /** The item of the request, or null. */
  readonly itemId: string | null;
  /** The verdict, or null for a request that is not an approval, which gets the reply that grants nothing. */
  readonly decision: ApprovalVerdict | null;
  /** The reason from the handler, or null. It appears only in this report. */
  readonly reason: string | null;
  /** The cause of the decision. */
  readonly why: ApprovalCause;
  /** The error that the handler threw, or the one from parsing the request; otherwise undefined. */
  readonly error: unknown;
  /** How long codex-rs waited, in milliseconds. */
  readonly waitedMs: number;
}
