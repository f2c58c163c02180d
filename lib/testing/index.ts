/**
 * Tests offline, from the real codex binary to none at all: a {@link ScriptedModel} behind codex-rs instead of a provider, a
 * {@link ReplayTransport} that plays what was recorded with a {@link RecordingTransport}, a {@link FaultyAppServer} that misbehaves
 * on demand, and a {@link stubThread} for code that takes a thread, with builders for its results and events.
 *
 * What is exported here follows semantic versioning, as the main entry does. The form of a transcript has a version of its own.
 *
 * @module codex-threads/testing
 */
import 'reflect-metadata';
// With the entry, before a test can install fake timers; a file that is loaded later would take those.
import '../timers.js';

export { approvalReport, commandRequest } from './stubs/approval-builders.js';
export { continuationToken, type ContinuationTokenProps } from './stubs/continuation-token.js';
export { event, turnError, type EventOf } from './stubs/event-builder.js';
export { item, type BuiltItemType, type ItemOf } from './stubs/item-builder.js';
export type { FaultyActions } from './faulty-actions.js';
export { FaultyAppServer, type FaultyProgramOptions } from './faulty-app-server.js';
export { FaultyGate } from './faulty-gate.js';
export { FaultyNotificationTrigger } from './faulty-notification-trigger.js';
export { FaultyRequestTrigger } from './faulty-request-trigger.js';
export type { FaultyOccurrence } from './faulty-script.js';
export type {
  FaultyAcknowledgement,
  FaultyCommand,
  FaultyFileChange,
  FaultyMessage,
  FaultyServerRequest,
  FaultyToolCall,
  FaultyTurnChoice,
  FaultyTurnError,
} from './faulty-step.js';
export { FaultyTurn } from './faulty-turn.js';
export type { FaultyReceived, FaultyReceivedMessage, FaultyStart } from './faulty-world.js';
export { Gate } from './model/gate.js';
export type { FaultVerbs, InjectedParams } from './transports/fault-verbs.js';
export { FaultyTransport, type ClientMessage } from './transports/faulty-transport.js';
export { MessageFault, type ServerMessageParams } from './transports/message-fault.js';
export type { FaultOccurrence } from './transports/occurrence.js';
export { RequestFault } from './transports/request-fault.js';
export { RecordingTransport, type RecordingOptions } from './transports/recording-transport.js';
export { ReplayTransport, type ReplayOptions } from './transports/replay-transport.js';
export { ReplayMismatchError, type ReplayDifference } from './transports/replay-mismatch-error.js';
export {
  ScriptedModel,
  type ScriptedAnswer,
  type UnexpectedRequest,
} from './model/scripted-model.js';
export {
  ScriptedReply,
  type ScriptedBody,
  type ScriptedCallOptions,
  type ScriptedMessageOptions,
  type ScriptedPieces,
  type ScriptedShellOptions,
  type ScriptedUsage,
  type ScriptedUsageLimitOptions,
} from './model/scripted-reply.js';
export {
  ScriptedRequest,
  type ScriptedRequestOutcome,
  type ScriptedToolOutput,
} from './model/scripted-request.js';
export { stubThread, type StubbedThread, type StubThreadProps } from './stubs/stub-thread.js';
export type { StubCall, StubOutcome, StubScript, StubTurn } from './stubs/stub-turn.js';
export { TemporaryCodexHome } from './model/temporary-codex-home.js';
export {
  Transcript,
  type TranscriptJson,
  type TranscriptMessage,
  type TranscriptProcess,
} from './transports/transcript.js';
export { turnResult, turnUsage, type TurnResultProps } from './stubs/turn-result-builder.js';
