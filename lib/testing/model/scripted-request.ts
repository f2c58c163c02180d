import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../../shapes.js';

/** How a model request ended: answered to the end, left by codex, cut by the script, or ended by closing the model. */
export type ScriptedRequestOutcome = 'answered' | 'aborted' | 'cut' | 'closed';

/** The result of a tool call as codex reports it back to the model. */
export interface ScriptedToolOutput {
  /** The id of the call that this answers. */
  readonly callId: string;
  /** What the model sees; structured content is joined line by line. */
  readonly text: string;
}

/**
 * One model request that codex made, with the parts that tests ask about already picked out.
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
  /** Its place among all requests, from 0. */
  readonly index: number;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** The HTTP headers, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON body. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Settles when the exchange is over. */
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

  /** Whether codex closed the connection before the reply was complete, as an interrupt does. */
  get aborted(): boolean {
    return this.#outcome === 'aborted';
  }

  /** The thread that asks; null when the request names none. */
  get threadId(): string | null {
    return text(this.headers['thread-id']) ?? text(this.body.prompt_cache_key);
  }

  /** The model that is asked for; null when the request names none. */
  get model(): string | null {
    return text(this.body.model);
  }

  /** Every text the user side of the conversation holds, in order: what codex adds by itself (environment context) included. */
  get userTexts(): readonly string[] {
    return this.#texts('user');
  }

  /** Every earlier answer of the model that is part of this request, in order. */
  get assistantTexts(): readonly string[] {
    return this.#texts('assistant');
  }

  /** Every instruction text (developer messages, and `instructions` if the request has any), in order. */
  get instructionsTexts(): readonly string[] {
    const instructions = text(this.body.instructions);
    return [...(instructions === null ? [] : [instructions]), ...this.#texts('developer')];
  }

  /** Names of all tools the model is offered; a tool inside a namespace is `namespace.tool`, a tool without a name is its type. */
  get toolNames(): readonly string[] {
    const additional = records(this.body.input)
      .filter(({ type }) => type === 'additional_tools')
      .flatMap(({ tools }) => records(tools));
    return [...records(this.body.tools), ...additional].flatMap(namesOf);
  }

  /** What the tool calls of earlier replies gave, in order. */
  get toolOutputs(): readonly ScriptedToolOutput[] {
    return records(this.body.input)
      .filter(({ type }) => type === 'function_call_output' || type === 'custom_tool_call_output')
      .map(({ call_id: callId, output }) => ({
        callId: text(callId) ?? '',
        text: text(output) ?? records(output).map(textOf).join('\n'),
      }));
  }

  /** What the header `x-codex-turn-metadata` says (`thread_id`, `turn_id`, `request_kind`, client metadata …); empty without it. */
  get turnMetadata(): Readonly<Record<string, unknown>> {
    try {
      const metadata: unknown = JSON.parse(text(this.headers['x-codex-turn-metadata']) ?? '{}');
      return isRecord(metadata) ? metadata : {};
    } catch {
      return {};
    }
  }

  /** What codex asks for: `turn`, `compaction` or another word of its own; null when the request does not say. */
  get kind(): string | null {
    return text(this.turnMetadata.request_kind);
  }

  /** The turn that asks; null when the request names none. */
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
