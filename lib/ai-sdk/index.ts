/**
 * Threads in the Vercel AI SDK: turns as streams for `useChat`, and a thread as a language model for `generateText` and
 * `streamText`. Requires the packages `ai` 7 and `@ai-sdk/provider` 4.
 *
 * @module codex-threads/ai-sdk
 */
import 'reflect-metadata';
// Import it with the entry point: a module that loads after a test has installed fake timers would capture those.
import '../timers.js';

export { ChatTurns, type ChatTurnsOptions } from './chat-turns.js';
export type {
  CodexDataParts,
  CodexMessageMetadata,
  CodexUIMessage,
  CodexUIMessageChunk,
  CodexUITools,
} from './ui-message.js';
export { toUIMessages } from './ui-messages.js';
export { toUIMessageStreamResponse } from './ui-message-response.js';
export { toUIMessageStream, type UIMessageStreamOptions } from './ui-message-stream.js';
export { codexModel } from './codex-model.js';
export type { CodexModelOptions } from './model-options.js';
