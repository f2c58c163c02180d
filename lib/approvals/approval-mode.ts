import type { ApprovalsReviewer, AskForApproval } from '../protocol/index.js';

type Mode = 'autoReview' | 'denyAll' | 'dangerouslyBypassApprovalsAndSandbox';

/** The settings of codex-rs that an approval mode stands for, as in the Python client. @internal */
export interface ApprovalModeSettings {
  readonly approvalPolicy: AskForApproval;
  /** Absent where codex-rs asks nobody. */
  readonly approvalsReviewer?: ApprovalsReviewer;
}

/**
 * What `approvalMode` means on the wire. Without a mode nothing is sent: an organisation's own policy decides then, which
 * may refuse the policy `never`.
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
