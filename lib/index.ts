/**
 * Describe threads, run turns on the real codex-rs, and resume them safely. Begin with {@link Codex}: it makes every
 * {@link Thread}, and a thread runs every {@link Turn}. The guides show how, job by job.
 *
 * @module codex-threads
 */
import 'reflect-metadata';
// With the entry, before a test can install fake timers; a file that is loaded later would take those.
import './timers.js';

export { AllowApprovals } from './approvals/allow-approvals.js';
export type { ApprovalDecision, ApprovalVerdict } from './approvals/approval-decision.js';
export {
  ApprovalHandler,
  type ApprovalHandlerOptions,
  type Deciding,
} from './approvals/approval-handler.js';
export type { ApprovalCause, ApprovalReport } from './approvals/approval-report.js';
export type { ApprovalKind, ApprovalRequest } from './approvals/approval-request.js';
export { AskApprovals } from './approvals/ask-approvals.js';
export type { CommandRequest } from './approvals/command-request.js';
export type { DecidableRequest } from './approvals/decidable-request.js';
export { DenyApprovals } from './approvals/deny-approvals.js';
export type { ElicitationRequest } from './approvals/elicitation-request.js';
export type { FileChangeRequest } from './approvals/file-change-request.js';
export { FirstMatch } from './approvals/first-match.js';
export type { McpToolRequest } from './approvals/mcp-tool-request.js';
export type { PermissionsRequest } from './approvals/permissions-request.js';
export { QueuedApprovals, type QueuedApproval } from './approvals/queued-approvals.js';
export type { UserAnswers, UserInputRequest } from './approvals/user-input-request.js';
export type { ToolContext } from './tools/tool-context.js';
export type { ToolDigests, ToolsDifference } from './tools/tool-digests.js';
export { ToolImage } from './tools/tool-image.js';
export type { ToolInputClass, ToolInputSchema } from './tools/tool-input-schema.js';
export type { ToolOutcome, ToolReport } from './tools/tool-report.js';
export type { ToolResult } from './tools/tool-result.js';
export { Tool, type ToolDecorator, type ToolOptions } from './tools/tool.js';
export { ToolsChangedError } from './tools/tools-changed-error.js';

export { Account, type ApiKeyLoginOptions, type ReadAccountOptions } from './account/account.js';
export type { AccountState, AccountType } from './account/account-state.js';
export type { LoginStore } from './account/authenticated-launch.js';
export { PendingLogin, type WaitOptions } from './account/pending-login.js';
export {
  Codex,
  type FindOptions,
  type Model,
  type ModelsOptions,
  type ResumeOptions,
  type ServerInfo,
} from './codex.js';
export {
  ThreadStateError,
  type ThreadState,
  type ThreadStateErrorProps,
} from './loaded/thread-state-error.js';
export type { CallOptions } from './wire/app-server-session.js';
export {
  IsolationViolationError,
  type IsolationViolation,
  type IsolationViolationKind,
} from './isolation/isolation-violation-error.js';
export type {
  Notification,
  NotificationFilter,
  NotificationMethod,
} from './wire/notification-filter.js';
export type {
  RequestArguments,
  RequestMethod,
  RequestParams,
  RequestResult,
} from './conversation/raw-requests.js';
export { retryOnOverload, type OverloadOptions } from './wire/overload.js';
export {
  AppServerTransport,
  type Handshake,
  type ServerOwnership,
} from './transport/app-server-transport.js';
export type { CodexBinary } from './transport/binary-locator.js';
export type { LaunchPlan } from './transport/launch-plan.js';
export { UnixSocketTransport, type DaemonOptions } from './remote/unix-socket-transport.js';
export { WebSocketTransport } from './remote/web-socket-transport.js';
export type {
  RemoteOptionsRecord,
  TokenSource,
  UnixSocketOptionsRecord,
  WebSocketOptionsRecord,
} from './remote/remote-options.js';
export type { TlsOptions } from './remote/web-socket-connection.js';
export { StdioTransport } from './transport/stdio-transport.js';
export type { Connection, ConnectionHandlers } from './transport/connection.js';
export type { DoctorProblem, DoctorReport } from './doctor-report.js';
export {
  AuthenticationError,
  type AuthenticationErrorProps,
  CodexError,
  CodexNotFoundError,
  MissingApiKeyError,
  RequestError,
  ThreadBusyError,
  TransportError,
  ValidationError,
  type CodexErrorProps,
  type CodexLocation,
  type RequestErrorProps,
  UnsupportedCodexError,
  type UnsupportedCodexErrorProps,
  type ThreadBusyErrorProps,
  type ThreadHolder,
  type TransportErrorProps,
  type ValidationProblem,
} from './errors.js';
export { ContinuationToken } from './record/continuation-token.js';
export { Labels, type LabelsInput } from './record/labels.js';
export { ThreadMetadata } from './record/thread-metadata.js';
export { ThreadSnapshot } from './record/thread-snapshot.js';
export { Secret } from './redaction.js';
export { logTelemetry, type TelemetryLogger } from './telemetry/log-telemetry.js';
export { telemetry, type TelemetryMessages } from './telemetry/telemetry.js';
export type { TelemetryChannel } from './telemetry/telemetry-channel.js';
export { CodexRsResumeValidator } from './resume/codex-rs-resume-validator.js';
export { ResumeRejectedError } from './resume/resume-rejected-error.js';
export type { ReadOnlyMethod, ResumeClaim } from './resume/resume-claim.js';
export { ResumeValidator } from './resume/resume-validator.js';
export type {
  AcceptedVerdict,
  RejectedVerdict,
  ResumeJudgement,
  ResumeRejection,
  ResumeVerdict,
  ResumeWarning,
} from './resume/resume-verdict.js';
export { ClientInfo } from './options/client-info.js';
export {
  CodexOptions,
  type CodexApprovals,
  type CodexAuth,
  type CodexIsolation,
  type CodexOptionsInput,
  type CodexOptionsRecord,
  type CodexResumeValidator,
  type ForeignCodexOptionsRecord,
} from './options/codex-options.js';
export {
  EnvironmentOptions,
  type EnvironmentInheritance,
  type EnvironmentOptionsRecord,
} from './options/environment-options.js';
export type { ConfigRecord, ConfigValue } from './options/config-record.js';
export { ToolSurface } from './options/tool-surface.js';
export {
  GranularApprovals,
  type ApprovalPolicy,
  type GranularApprovalPolicy,
  type NamedApprovalPolicy,
} from './options/approval-policy.js';
export type { AcceptedInput, Examination, RefusedInput } from './validation.js';
export type { ForkOptions } from './thread/fork-request.js';
export type {
  HistoryOptions,
  ReadOptions,
  RecordedAttachment,
  RecordedItem,
  RecordedTurn,
} from './record/recorded-history.js';
export type {
  CompactOptions,
  Compaction,
  ForkPoint,
  HistoryMode,
  RevertOptions,
  ThreadDurability,
} from './thread/thread-backend.js';
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
  type PythonThreadOptionsRecord,
  type ReasoningEffort,
  type ReasoningSummary,
  type SandboxMode,
  type ThreadApprovals,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
  type ThreadTool,
  type WebSearchMode,
} from './options/thread-options.js';
export {
  OutcomeUnknownError,
  type OutcomeUnknownErrorProps,
  type ReconciledTurn,
} from './turn/outcome-unknown-error.js';
export type { StopReport } from './turn/stop-report.js';
export { Turn, type SteerOutcome } from './turn/turn.js';
export type * from './turn/turn-events.js';
export type { McpUpdatedEvent, WarningEvent } from './loaded/thread-notices.js';
export {
  TurnFailedError,
  type TurnFailedErrorProps,
  type TurnFailureReason,
} from './turn/turn-failed-error.js';
export type {
  ImagePart,
  LocalImagePart,
  NamedPart,
  TextPart,
  TurnInput,
  TurnInputItem,
} from './turn/turn-input.js';
export { ImageInput } from './turn/image-input.js';
export { LocalImageInput } from './turn/local-image-input.js';
export { MentionInput } from './turn/mention-input.js';
export { SkillInput } from './turn/skill-input.js';
export { TextInput } from './turn/text-input.js';
export {
  TurnInterruptedError,
  type TurnInterruptedErrorProps,
} from './turn/turn-interrupted-error.js';
export { TurnLostError, type TurnLostErrorProps } from './turn/turn-lost-error.js';
export {
  OutputValidationError,
  type OutputValidationErrorProps,
} from './output/output-validation-error.js';
export type { TurnTimeouts } from './turn/turn-clock.js';
export {
  TurnTimeoutError,
  type TurnBudget,
  type TurnTimeoutErrorProps,
} from './turn/turn-timeout-error.js';
export { Describe } from './output/description.js';
export type { JsonObject, OutputClass } from './output/output-format.js';
export type { OutputOf, OutputSource } from './output/output-schema.js';
export type { JsonSchemaOutput } from './output/json-schema-output.js';
export type { StandardSchema } from './output/standard-schema-output.js';
export type { RunOptions, StreamOptions } from './turn/run-options.js';
export type { TurnOptions } from './turn/turn-options.js';
export type { TurnMeasures } from './turn/turn-measures.js';
export type { TurnResult } from './turn/turn-result.js';
export type { TurnState } from './turn/turn-run.js';
export type { TurnUsage } from './turn/usage.js';
export {
  codexVersionProblem,
  testedCodexVersion,
  testedCodexVersions,
  version,
  type CodexVersionRange,
} from './version.js';
