/**
 * Tests offline: the real codex binary, with a {@link ScriptedModel} behind it instead of a provider.
 *
 * @module codex-threads/testing
 */
import 'reflect-metadata';

export { Gate } from './gate.js';
export { ScriptedModel, type UnexpectedRequest } from './scripted-model.js';
export type { ScriptedAnswer } from './scripted-model-script.js';
export {
  ScriptedReply,
  type ScriptedBody,
  type ScriptedCallOptions,
  type ScriptedMessageOptions,
  type ScriptedShellOptions,
  type ScriptedUsage,
  type ScriptedUsageLimitOptions,
} from './scripted-reply.js';
export {
  ScriptedRequest,
  type ScriptedRequestOutcome,
  type ScriptedRequestProps,
  type ScriptedToolOutput,
} from './scripted-request.js';
export { TemporaryCodexHome } from './temporary-codex-home.js';
