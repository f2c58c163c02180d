import type { ApprovalsReviewer, AskForApproval } from '../protocol/index.js';

type Mode = 'autoReview' | 'denyAll' | 'dangerouslyBypassApprovalsAndSandbox';

/** The settings of codex-rs for an approval mode, as in the Python client. @internal */
export interface ApprovalModeSettings {
  readonly approvalPolicy: AskForApproval;
  /** Absent if codex-rs does not ask. */
  readonly approvalsReviewer?: ApprovalsReviewer;
}

/**
 * Returns the protocol settings of an `approvalMode`. Without a mode, no setting is sent, because an organisation's
 * policy may forbid the policy `never`.
 *
 * @internal
 */
export function approvalModeSettings(mode: undefined): Record<string, never>;
export function approvalModeSettings(mode: Mode): ApprovalModeSettings;
export function approvalModeSettings(
  mode: Mode | undefined,
): ApprovalModeSettings | Record<string, never>;
export function approvalModeSettings(
  mode: Mode | undefined,
): ApprovalModeSettings | Record<string, never> {
  switch (mode) {
    case undefined:
      return {};
    case 'autoReview':
      return { approvalPolicy: 'on-request', approvalsReviewer: 'auto_review' };
    case 'denyAll':
    case 'dangerouslyBypassApprovalsAndSandbox':
      return { approvalPolicy: 'never' };
    default:
      return mode satisfies never;
  }
}
