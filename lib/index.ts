/**
 * Describe threads, run turns on the real codex-rs, and resume threads safely. Start with {@link Codex}: it creates
 * every {@link Thread}, and a thread runs every {@link Turn}. The guides cover one task each.
 *
 * @module codex-threads
 */
import 'reflect-metadata';
// Loaded first: a test can install fake timers later, and a module loaded after that would use them.
import './timers.js';

export { AllowApprovals } from './approvals/allow-approvals.js';
export type { ApprovalDecision } from './approvals/approval-decision.js';
export { ApprovalHandler, type ApprovalHandlerOptions } from './approvals/approval-handler.js';
export type { ApprovalReport } from './approvals/approval-report.js';
export type { ApprovalRequest } from './approvals/approval-request.js';
export { AskApprovals } from './approvals/ask-approvals.js';
export type { CommandRequest } from './approvals/command-request.js';
export { DenyApprovals } from './approvals/deny-approvals.js';
export type { ElicitationRequest } from './approvals/elicitation-request.js';
export type { FileChangeRequest } from './approvals/file-change-request.js';
export { FirstMatch } from './approvals/first-match.js';
export type { McpToolRequest } from './approvals/mcp-tool-request.js';
export type { PermissionsRequest } from './approvals/permissions-request.js';
export { QueuedApprovals, type QueuedApproval } from './approvals/queued-approvals.js';
export type { UserInputRequest } from './approvals/user-input-request.js';
export { tool } from './tools/define-tool.js';
export type { ToolContext } from './tools/tool-context.js';
export type { ToolDigests, ToolsDifference } from './tools/tool-digests.js';
export { ToolImage } from './tools/tool-image.js';
export type { ToolInputSchema } from './tools/tool-input-schema.js';
export type { ToolReport } from './tools/tool-report.js';
export type { ToolResult } from './tools/tool-result.js';
export { Tool, type ToolOptions } from './tools/tool.js';
export { ToolsChangedError } from './tools/tools-changed-error.js';

export { Account } from './account/account.js';
export type { AccountState } from './account/account-state.js';
export { PendingLogin } from './account/pending-login.js';
export { Codex, type Model, type ResumeOptions, type ServerInfo } from './codex.js';
export { ThreadStateError, type ThreadState } from './loaded/thread-state-error.js';
export type { CallOptions } from './wire/call-limits.js';
export {
  IsolationViolationError,
  type IsolationViolation,
} from './isolation/isolation-violation-error.js';
export type {
  Notification,
  NotificationFilter,
  NotificationMethod,
} from './wire/notification-filter.js';
export type { RequestMethod, RequestParams, RequestResult } from './conversation/raw-requests.js';
export { retryOnOverload } from './wire/overload.js';
export { AppServerTransport, type Handshake } from './transport/app-server-transport.js';
export type { LaunchPlan } from './transport/launch-plan.js';
export { UnixSocketTransport } from './remote/unix-socket-transport.js';
export { WebSocketTransport } from './remote/web-socket-transport.js';
export type { UnixSocketOptionsRecord, WebSocketOptionsRecord } from './remote/remote-options.js';
export { StdioTransport } from './transport/stdio-transport.js';
export type { Connection, ConnectionHandlers } from './transport/connection.js';
export type { DoctorReport } from './doctor-report.js';
export {
  CodexError,
  RequestError,
  TransportError,
  ValidationError,
  type ValidationProblem,
} from './errors.js';
export { AuthenticationError } from './account/authentication-error.js';
export { CodexNotFoundError } from './transport/codex-not-found-error.js';
export { MissingApiKeyError } from './options/missing-api-key-error.js';
export { ThreadBusyError } from './loaded/thread-busy-error.js';
export { UnsupportedCodexError } from './wire/unsupported-codex-error.js';
export { ContinuationToken } from './record/continuation-token.js';
export { Labels, type LabelsInput } from './record/labels.js';
export { ThreadMetadata } from './record/thread-metadata.js';
export { ThreadSnapshot } from './record/thread-snapshot.js';
export { Secret } from './redaction.js';
export { logTelemetry } from './telemetry/log-telemetry.js';
export { telemetry, type TelemetryMessages } from './telemetry/telemetry.js';
export type { TelemetryChannel } from './telemetry/telemetry-channel.js';
export { CodexRsResumeValidator } from './resume/codex-rs-resume-validator.js';
export { ResumeRejectedError } from './resume/resume-rejected-error.js';
export type { ResumeClaim } from './resume/resume-claim.js';
export { ResumeValidator } from './resume/resume-validator.js';
export type {
  ResumeJudgement,
  ResumeRejection,
  ResumeVerdict,
  ResumeWarning,
} from './resume/resume-verdict.js';
export { ClientInfo } from './options/client-info.js';
export {
  CodexOptions,
  type CodexAuth,
  type CodexIsolation,
  type CodexOptionsInput,
  type CodexOptionsRecord,
} from './options/codex-options.js';
export { ExecServerOptions, type ExecServerOptionsRecord } from './options/exec-server-options.js';
export type { ThreadEnvironment } from './options/thread-environment.js';
export { EnvironmentError } from './isolation/environment-error.js';
export { Environments, type EnvironmentReport } from './isolation/environments.js';
export { EnvironmentOptions } from './options/environment-options.js';
export { ToolSurface } from './options/tool-surface.js';
export { GranularApprovals, type ApprovalPolicy } from './options/approval-policy.js';
export type { ForkOptions } from './thread/fork-request.js';
export type { RecordedAttachment, RecordedItem, RecordedTurn } from './record/recorded-history.js';
export type {
  ThreadFilterInput,
  ThreadFilterRecord,
  ThreadSourceKind,
} from './thread/thread-filter.js';
export type { ThreadMatch } from './conversation/thread-search.js';
export type { SearchOptions } from './thread/search-options.js';
export { Thread, type ThreadChanges } from './thread/thread.js';
export { ThreadBuilder, type ResumeProof } from './thread/thread-builder.js';
export {
  ThreadOptions,
  type ApprovalMode,
  type Personality,
  type ReasoningEffort,
  type ReasoningSummary,
  type SandboxMode,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
  type WebSearchMode,
} from './options/thread-options.js';
export { OutcomeUnknownError, type ReconciledTurn } from './turn/outcome-unknown-error.js';
export type { StopReport } from './turn/stop-report.js';
export { Turn, type SteerOutcome } from './turn/turn.js';
export type { TurnEvent, TurnEvents } from './turn/turn-events.js';
export type * from './turn/official-names.js';
export { Goal } from './turn/goal.js';
export { TurnFailedError, type TurnFailureReason } from './turn/turn-failed-error.js';
export type { TurnInput, TurnInputItem } from './turn/turn-input.js';
export { ImageInput } from './turn/image-input.js';
export { LocalImageInput } from './turn/local-image-input.js';
export { MentionInput } from './turn/mention-input.js';
export { SkillInput } from './turn/skill-input.js';
export { TextInput } from './turn/text-input.js';
export { TurnInterruptedError } from './turn/turn-interrupted-error.js';
export { costOf } from './turn/cost.js';
export { TurnBudgetError } from './turn/turn-budget-error.js';
export { TurnConflictError } from './turn/turn-conflict-error.js';
export { TurnCutOffError } from './turn/turn-cut-off-error.js';
export { TurnLostError } from './turn/turn-lost-error.js';
export { OutputValidationError } from './output/output-validation-error.js';
export type { TurnTimeouts } from './turn/turn-clock.js';
export { TurnTimeoutError } from './turn/turn-timeout-error.js';
export { Describe } from './output/description.js';
export type { JsonObject, OutputClass } from './output/output-format.js';
export type { OutputOf, OutputSource } from './output/output-schema.js';
export type { JsonSchemaOutput } from './output/json-schema-output.js';
export type { StandardSchema } from './output/standard-schema.js';
export type { PartialOutput } from './turn/partial-outputs.js';
export type { RunOptions, StreamOptions } from './turn/run-options.js';
export type { TurnOptions } from './turn/turn-options.js';
export type { TurnMeasures } from './turn/turn-measures.js';
export type { TurnResult } from './turn/turn-result.js';
export type { TurnUsage } from './turn/usage.js';
export { testedCodexVersions, version } from './version.js';
