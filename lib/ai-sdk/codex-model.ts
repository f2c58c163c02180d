import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Thread } from '../thread/thread.js';
import type { CodexModelOptions } from './model-options.js';
import { ThreadModel } from './thread-model.js';

/**
 * A thread as a language model of the AI SDK: each call is a turn of the thread. Of the prompt, the messages of the user behind
 * the last answer are sent; system messages that are not the `developerInstructions` of the thread go with them, once. Commands, patches and other
 * tools are calls that the provider has executed; approvals go to the handlers of the thread.
 *
 * In `providerMetadata.codex` are `threadId`, `turnId` and `continuation`; `providerOptions.codex` takes `idempotencyKey`,
 * `onCutOff` and the options of a turn that are JSON.
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
