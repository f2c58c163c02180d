import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../../shapes.js';

/**
 * How a model request ended: answered completely, aborted by codex, cut by the script, or ended by closing the model.
 */
export type ScriptedRequestOutcome = 'answered' | 'aborted' | 'cut' | 'closed';

/** The result of a tool call, as codex reports it to the model. */
export interface ScriptedToolOutput {
  /** The id of the call. */
  readonly callId: string;
  /** The text for the model; parts of structured content are joined with line breaks. */
  readonly text: string;
}

/**
 * One model request of codex, with accessors for the parts that tests need.
 *
 * @example
 * ```ts
 * model.reply(ScriptedReply.message('A test fails.'));
 * await codex.startThread().run('Why is the build red?');
 *
 * const request = model.requests.at(-1);
 * console.log(request?.userTexts.at(-1)); // Why is the build red?
 * console.log(await request?.outcome); // answered
 * ```
 */
export class ScriptedRequest {
  /** Its index among all requests, starting at 0. */
  readonly index: number;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** The HTTP headers, with lower-case names. */
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON body. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Settles when the exchange has ended. */
  readonly outcome: Promise<ScriptedRequestOutcome>;
  #outcome: ScriptedRequestOutcome | null = null;
  #resolve: (outcome: ScriptedRequestOutcome) => void = () => undefined;

  /** @internal */
  constructor(props: Pick<ScriptedRequest, 'index' | 'at' | 'headers' | 'body'>) {
    this.index = props.index;
    this.at = props.at;
    this.headers = props.headers;
    this.body = props.body;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whether codex closed the connection before the reply was complete, for example because of an interrupt. */
  get aborted(): boolean {
    return this.#outcome === 'aborted';
  }

  /** The requesting thread, or null if the request does not name it. */
  get threadId(): string | null {
    return text(this.headers['thread-id']) ?? text(this.body.prompt_cache_key);
  }

  /** The requested model, or null if the request does not name one. */
  get model(): string | null {
    return text(this.body.model);
  }

  /** All texts with the user role, in order, including those that codex adds (environment context). */
  get userTexts(): readonly string[] {
    return this.#texts('user');
  }

  /** All previous answers of the model in this request, in order. */
  get assistantTexts(): readonly string[] {
    return this.#texts('assistant');
  }

  /** All instruction texts (developer messages, and `instructions` if present), in order. */
  get instructionsTexts(): readonly string[] {
    const instructions = text(this.body.instructions);
    return [...(instructions === null ? [] : [instructions]), ...this.#texts('developer')];
  }

  /**
   * The names of all tools offered to the model: `namespace.tool` for a tool in a namespace, the type for a tool
   * without a name.
   */
  get toolNames(): readonly string[] {
    const additional = records(this.body.input)
      .filter(({ type }) => type === 'additional_tools')
      .flatMap(({ tools }) => records(tools));
    return [...records(this.body.tools), ...additional].flatMap(namesOf);
  }

  /** The outputs of earlier tool calls, in order. */
  get toolOutputs(): readonly ScriptedToolOutput[] {
    return records(this.body.input)
      .filter(({ type }) => type === 'function_call_output' || type === 'custom_tool_call_output')
      .map(({ call_id: callId, output }) => ({
        callId: text(callId) ?? '',
        text: text(output) ?? records(output).map(textOf).join('\n'),
      }));
  }

  /**
   * The content of the header `x-codex-turn-metadata` (`thread_id`, `turn_id`, `request_kind`, client metadata …);
   * empty without it.
   */
  get turnMetadata(): Readonly<Record<string, unknown>> {
    try {
      const metadata: unknown = JSON.parse(text(this.headers['x-codex-turn-metadata']) ?? '{}');
      return isRecord(metadata) ? metadata : {};
    } catch {
      return {};
    }
  }

  /** The kind of request: `turn`, `compaction` or another value of codex; null if unknown. */
  get kind(): string | null {
    return text(this.turnMetadata.request_kind);
  }

  /** The requesting turn, or null if the request does not name it. */
  get turnId(): string | null {
    return text(this.turnMetadata.turn_id);
  }

  /** Records how the exchange ended; the first call counts. @internal */
  settle(outcome: ScriptedRequestOutcome): void {
    this.#outcome ??= outcome;
    this.#resolve(this.#outcome);
  }

  #texts(role: string): string[] {
    return records(this.body.input)
      .filter((item) => item.role === role)
      .flatMap(({ content }) => records(content))
      .filter(({ type }) => type === 'input_text' || type === 'output_text')
      .map(textOf);
  }
}

function namesOf(tool: Record<string, unknown>): string[] {
  const name = text(tool.name) ?? text(tool.type) ?? '';
  if (tool.type !== 'namespace') return [name];
  return records(tool.tools)
    .flatMap(namesOf)
    .map((inner) => `${name}.${inner}`);
}

function textOf(part: Record<string, unknown>): string {
  return text(part.text) ?? '';
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
