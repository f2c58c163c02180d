import type { ApprovalReport } from '../../approvals/approval-report.js';
import { approvalRequestOf } from '../../approvals/approval-request.js';
import type { CommandRequest } from '../../approvals/command-request.js';
import { stubThreadId, stubTurnId } from './turn-result-builder.js';

const method = 'item/commandExecution/requestApproval';
const about = { threadId: stubThreadId, turnId: stubTurnId, itemId: 'call_1' };

/** Builds a request to run a command, as an `ApprovalHandler` receives it. */
export function commandRequest(command: string, reason: string | null = null): CommandRequest {
  const params = { kind: 'command', startedAtMs: 1_700_000_000_000, environmentId: null } as const;
  const request = approvalRequestOf(
    { id: 0, method, params: { ...params, ...about, reason, command, cwd: '/project' } },
    { labels: {}, signal: new AbortController().signal, changesOf: () => null },
  );
  return request as CommandRequest;
}

/** Builds the report of an approval request: allowed by a handler, unless the properties differ. */
export function approvalReport(props: Partial<ApprovalReport> = {}): ApprovalReport {
  return {
    method,
    kind: 'command',
    ...about,
    decision: 'allow',
    reason: null,
    why: 'handler',
    error: undefined,
    waitedMs: 0,
    ...props,
  };
}
