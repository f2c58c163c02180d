import type { ApprovalVerdict } from './approval-decision.js';
import type { ApprovalKind } from './approval-request.js';

/**
 * How a decision came about: the handler made it; or it threw, was late, or gave something else than a decision about the
 * request; or there is no handler; or the decision was not needed any more; or the request could not be understood, or is
 * none that a handler can decide.
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

/** What became of a request, for telemetry. Without any content: no command, no diff, no answer. */
export interface ApprovalReport {
  /** The method of the protocol. */
  readonly method: string;
  /** What was asked, or null when the request could not be understood. */
  readonly kind: ApprovalKind | null;
  /** The thread that asked, or null. */
  readonly threadId: string | null;
  /** The turn that asked, or null. */
  readonly turnId: string | null;
  /** The item it was about, or null. */
  readonly itemId: string | null;
  /** What was decided; null for a request that is no approval: it gets the reply that grants nothing. */
  readonly decision: ApprovalVerdict | null;
  /** The reason the handler gave, or null. It is told here and nowhere else. */
  readonly reason: string | null;
  /** How the decision came about. */
  readonly why: ApprovalCause;
  /** What the handler threw, or what made the request unreadable; undefined otherwise. */
  readonly error: unknown;
  /** How long codex-rs waited, in milliseconds. */
  readonly waitedMs: number;
}
