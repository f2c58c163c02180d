import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Thread } from '../thread/thread.js';
import type { CodexModelOptions } from './model-options.js';
import { ThreadModel } from './thread-model.js';

/**
 * A thread as a language model of the AI SDK: each call is a turn of the thread. It sends the user messages after the
 * last answer of the prompt. System messages that differ from the `developerInstructions` of the thread are sent with
 * them, once. Commands, patches and other tools appear as provider-executed tool calls. Approval requests go to the
 * handlers of the thread.
 *
 * `providerMetadata.codex` contains `threadId`, `turnId` and `continuation`. `providerOptions.codex` accepts
 * `idempotencyKey`, `onCutOff` and the turn options that are JSON.
 *
 * @example
 * ```ts
 * const model = codexModel(codex.startThread({ sandboxMode: 'read-only' }));
 *
 * const { text, finalStep } = await generateText({ model, prompt: 'Why is the build red?' });
 * console.log(text); // A test fails.
 * const { threadId } = finalStep.providerMetadata?.codex ?? {};
 *
 * const { textStream } = streamText({ model, prompt: 'How would you fix it?' });
 * for await (const part of textStream) process.stdout.write(part);
 * console.log(typeof threadId, model.provider); // string codex
 * ```
 */
export function codexModel(thread: Thread, options: CodexModelOptions = {}): LanguageModelV4 {
  return new ThreadModel(thread, options);
}
