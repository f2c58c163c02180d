import 'reflect-metadata';

export { Codex, type FindOptions, type ResumeOptions, type ServerInfo } from './codex.js';
export {
  AuthenticationError,
  CodexError,
  CodexNotFoundError,
  MissingApiKeyError,
  RequestError,
  TransportError,
  ValidationError,
  type CodexErrorProps,
  type CodexLocation,
  type RequestErrorProps,
  type TransportErrorProps,
  type ValidationProblem,
} from './errors.js';
export { ContinuationToken } from './record/continuation-token.js';
export { Labels, type LabelsInput } from './record/labels.js';
export { ThreadMetadata } from './record/thread-metadata.js';
export { ThreadSnapshot } from './record/thread-snapshot.js';
export { Secret } from './redaction.js';
export type {
  ProblemMessage,
  ResumeMessage,
  ResumeMismatchMessage,
  ThreadOpenMessage,
  TurnEndMessage,
  TurnStartMessage,
} from './telemetry/telemetry.js';
export { telemetry } from './telemetry/telemetry.js';
export { TelemetryChannel } from './telemetry/telemetry-channel.js';
export { CodexRsResumeValidator } from './resume/codex-rs-resume-validator.js';
export {
  PythonFixtureResumeValidator,
  type PythonFixtureResumeValidatorProps,
} from './resume/python-fixture-resume-validator.js';
export { ResumeRejectedError } from './resume/resume-rejected-error.js';
export {
  ResumeValidator,
  type ReadOnlyMethod,
  type ResumeClaim,
} from './resume/resume-validator.js';
export type {
  AcceptedVerdict,
  RejectedVerdict,
  ResumeRejection,
  ResumeVerdict,
  ResumeWarning,
} from './resume/resume-verdict.js';
export { ClientInfo } from './thread/client-info.js';
export {
  CodexOptions,
  type CodexApprovals,
  type CodexAuth,
  type CodexIsolation,
  type CodexOptionsInput,
  type CodexOptionsRecord,
  type CodexResumeValidator,
  type ForeignCodexOptionsRecord,
} from './thread/codex-options.js';
export {
  EnvironmentOptions,
  type EnvironmentInheritance,
  type EnvironmentOptionsRecord,
} from './thread/environment-options.js';
export type { ConfigRecord, ConfigValue } from './thread/config-record.js';
export type { SnakeCase, SnakeCased } from './thread/option-reader.js';
export { ToolSurface } from './thread/tool-surface.js';
export {
  GranularApprovals,
  type ApprovalPolicy,
  type GranularApprovalPolicy,
  type NamedApprovalPolicy,
} from './thread/approval-policy.js';
export type { AcceptedInput, Examination, RefusedInput } from './validation.js';
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
} from './thread/thread-options.js';
export {
  OutcomeUnknownError,
  type OutcomeUnknownErrorProps,
  type ReconciledTurn,
} from './turn/outcome-unknown-error.js';
export { Turn, type SteerOutcome } from './turn/turn.js';
export type * from './turn/turn-events.js';
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
export {
  TurnInterruptedError,
  type TurnInterruptedErrorProps,
} from './turn/turn-interrupted-error.js';
export { TurnLostError, type TurnLostErrorProps } from './turn/turn-lost-error.js';
export type { TurnOptions } from './turn/turn-options.js';
export type { TurnResult } from './turn/turn-result.js';
export type { TurnState } from './turn/turn-run.js';
export type { TurnUsage } from './turn/usage.js';
export { version } from './version.js';
