import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import { OutputValidationError } from '../output/output-validation-error.js';
import type { ThreadItem } from '../protocol/index.js';
import type { Thread } from '../thread/thread.js';
import { finalResponseIn } from '../turn/final-response.js';
import type { StreamOptions } from '../turn/run-options.js';
import type { Turn } from '../turn/turn.js';
import type { TurnEvent } from '../turn/turn-events.js';
import type { TurnInputItem } from '../turn/turn-input.js';
import type { TurnUsage } from '../turn/usage.js';
import { modelError } from './model-error.js';
import type { CodexModelOptions } from './model-options.js';
import { contentOf, ModelParts, usageOf } from './model-parts.js';
import { modelPrompt } from './model-prompt.js';
import { settingWarnings } from './model-settings.js';
import { earlierInput } from './prompt-history.js';

/** A thread as a language model of the AI SDK. */
export class ThreadModel implements LanguageModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'codex';
  readonly supportedUrls = {};
  readonly #thread: Thread;
  readonly #options: CodexModelOptions;
  /** The instructions that were sent last. */
  #system: string | null = null;

  constructor(thread: Thread, options: CodexModelOptions) {
    this.#thread = thread;
    this.#options = options;
  }

  get modelId(): string {
    return this.#thread.threadOptions.model ?? 'default';
  }

  async doGenerate(call: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const { turn, warnings, isJson } = await this.#prepare(call);
    const items: ThreadItem[] = [];
    let usage: TurnUsage | null = null;
    try {
      for await (const event of turn) {
        if (event.type === 'item.completed') items.push(event.item);
        if (event.type === 'usage.updated') usage = event.usage;
      }
      await settled(turn);
    } catch (error) {
      throw modelError(error, turn, this.#thread.threadId);
    }
    return {
      content: [...contentOf(items, isJson)],
      ...(isJson ? { structuredOutputText: finalResponseIn(items) ?? '' } : {}),
      finishReason: finishReason(turn),
      usage: usageOf(usage),
      warnings: [...warnings],
      providerMetadata: this.#metadata(turn),
      response: { ...(turn.turnId === null ? {} : { id: turn.turnId }), modelId: this.modelId },
    };
  }

  async doStream(call: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const { turn, warnings, isJson } = await this.#prepare(call);
    const events = turn[Symbol.asyncIterator]();
    const failure = (error: unknown): unknown => modelError(error, turn, this.#thread.threadId);
    // The AI SDK retries only if this method rejects. It rejects only while the turn has not been sent.
    const waiting: TurnEvent[] = [];
    try {
      while (turn.turnId === null) {
        const { done, value } = await events.next();
        if (done === true) break;
        waiting.push(value);
      }
    } catch (error) {
      throw failure(error);
    }
    const parts = this.#parts({ turn, events, waiting, warnings, isJson, failure });
    const stream = new globalThis.ReadableStream<LanguageModelV4StreamPart>({
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      // Leave the turn itself, because the generator may be processing an event.
      async cancel() {
        await events.return?.();
      },
    });
    return { stream };
  }

  async *#parts({
    turn,
    events,
    waiting,
    warnings,
    isJson,
    failure,
  }: Streamed): AsyncGenerator<LanguageModelV4StreamPart, void> {
    yield { type: 'stream-start', warnings: [...warnings] };
    const id = turn.turnId === null ? {} : { id: turn.turnId };
    yield { type: 'response-metadata', ...id, modelId: this.modelId };
    const parts = new ModelParts(isJson);
    let usage: TurnUsage | null = null;
    let reason: LanguageModelV4FinishReason;
    try {
      for (;;) {
        const event = waiting.shift() ?? (await events.next()).value;
        if (event === undefined) break;
        if (event.type === 'usage.updated') usage = event.usage;
        yield* parts.accept(event);
      }
      await settled(turn);
      reason = finishReason(turn);
    } catch (error) {
      yield { type: 'error', error: failure(error) };
      reason = { unified: 'error', raw: turn.status };
    }
    yield* parts.end();
    yield {
      type: 'finish',
      finishReason: reason,
      usage: usageOf(usage),
      providerMetadata: this.#metadata(turn),
    };
  }

  async #prepare(call: LanguageModelV4CallOptions): Promise<Prepared> {
    const { system, earlier, input } = modelPrompt(call.prompt);
    const { history = 'check', ...options } = this.#options;
    const before = await earlierInput(this.#thread, earlier, history);
    const warnings = [...settingWarnings(call)];
    const instructions = this.#fresh(system);
    if (instructions.length > 0)
      warnings.push({
        type: 'compatibility',
        feature: 'system',
        details:
          'It is sent once, as a user message: set developerInstructions on the thread instead.',
      });
    const { reasoning: effort = 'provider-default', responseFormat, abortSignal } = call;
    const schema = responseFormat?.type === 'json' ? responseFormat.schema : undefined;
    const turnOptions: StreamOptions = {
      ...options,
      ...call.providerOptions?.codex,
      ...(abortSignal === undefined ? {} : { signal: abortSignal }),
      ...(schema === undefined ? {} : { outputSchema: schema }),
      options: effort === 'provider-default' ? {} : { modelReasoningEffort: effort },
    };
    const turn = this.#thread.runStreamed([...instructions, ...before, ...input], turnOptions);
    return { turn, warnings, isJson: schema !== undefined };
  }

  /** Returns instructions that the thread does not have, as input: those of the thread cannot change. */
  #fresh(system: string | null): readonly TurnInputItem[] {
    const { developerInstructions } = this.#thread.threadOptions;
    if (system === null || system === developerInstructions || system === this.#system) return [];
    this.#system = system;
    return [{ type: 'text', text: `Instructions:\n${system}` }];
  }

  #metadata({ turnId, continuation }: Turn<unknown>): SharedV4ProviderMetadata {
    const token = continuation === null ? null : String(continuation);
    return { codex: { threadId: this.#thread.threadId, turnId, continuation: token } };
  }
}

interface Prepared {
  readonly turn: Turn<unknown>;
  readonly warnings: readonly SharedV4Warning[];
  readonly isJson: boolean;
}

interface Streamed extends Prepared {
  readonly events: AsyncIterator<TurnEvent, void>;
  /** The events that were read before the stream was returned. */
  readonly waiting: TurnEvent[];
  readonly failure: (error: unknown) => unknown;
}

/**
 * Resolves when the turn ends. The AI SDK validates the answer against the schema. It also resolves for a stopped turn,
 * which the finish reason reports.
 */
async function settled(turn: Turn<unknown>): Promise<void> {
  if (turn.status === 'interrupted') return;
  try {
    await turn.result();
  } catch (error) {
    if (!OutputValidationError.is(error)) throw error;
  }
}

function finishReason({ status }: Turn<unknown>): LanguageModelV4FinishReason {
  return { unified: status === 'completed' ? 'stop' : 'interrupted', raw: status };
}
