/**
 * Offline testing, with or without the real codex binary: a {@link ScriptedModel} replaces the model provider of
 * codex-rs, a {@link FaultyTransport} injects faults between a client and codex-rs, a {@link ReplayTransport} replays
 * recordings of a {@link RecordingTransport}, and {@link stubThread} is for code that takes a thread, with builders for
 * its results and events.
 *
 * The exports follow semantic versioning, like the main entry. The format of a transcript has its own version.
 *
 * @module codex-threads/testing
 */
import 'reflect-metadata';
// Loaded first: a test can install fake timers later, and a module loaded after that would use them.
import '../timers.js';

export { Gate } from './model/gate.js';
export {
  ScriptedModel,
  type ScriptedAnswer,
  type UnexpectedRequest,
} from './model/scripted-model.js';
export { ScriptedReply } from './model/scripted-reply.js';
export type {
  ScriptedBody,
  ScriptedCallOptions,
  ScriptedMessageOptions,
  ScriptedPieces,
  ScriptedShellOptions,
  ScriptedUsage,
  ScriptedUsageLimitOptions,
} from './model/scripted-step.js';
export {
  ScriptedRequest,
  type ScriptedRequestOutcome,
  type ScriptedToolOutput,
} from './model/scripted-request.js';
export { TemporaryCodexHome } from './model/temporary-codex-home.js';
export type { FaultVerbs, InjectedParams } from './transports/fault-verbs.js';
export { FaultyTransport, type ClientMessage } from './transports/faulty-transport.js';
export { MessageFault, type ServerMessageParams } from './transports/message-fault.js';
export type { FaultOccurrence } from './transports/occurrence.js';
export { RecordingTransport, type RecordingOptions } from './transports/recording-transport.js';
export { ReplayMismatchError, type ReplayDifference } from './transports/replay-mismatch-error.js';
export { ReplayTransport, type ReplayOptions } from './transports/replay-transport.js';
export { RequestFault } from './transports/request-fault.js';
export {
  Transcript,
  type TranscriptJson,
  type TranscriptMessage,
  type TranscriptProcess,
} from './transports/transcript.js';
export { approvalReport, commandRequest } from './stubs/approval-builders.js';
export { continuationToken, type ContinuationTokenProps } from './stubs/continuation-token.js';
export { event, turnError } from './stubs/event-builder.js';
export { item, type BuiltItemType, type ItemOf } from './stubs/item-builder.js';
export { stubThread, type StubbedThread, type StubThreadProps } from './stubs/stub-thread.js';
export type { StubCall, StubOutcome, StubScript, StubTurn } from './stubs/stub-turn.js';
export { turnResult, turnUsage, type TurnResultProps } from './stubs/turn-result-builder.js';
