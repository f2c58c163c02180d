import { ValidationError } from '../../errors.js';
import type { Gate } from './gate.js';
import type {
  ScriptedBody,
  ScriptedCallOptions,
  ScriptedMessageOptions,
  ScriptedPieces,
  ScriptedShellOptions,
  ScriptedStep,
  ScriptedUsage,
  ScriptedUsageLimitOptions,
} from './scripted-step.js';

/**
 * The reply of the scripted model to one request: an immutable, fluent value.
 *
 * Every method returns a new reply with one more part; parts are sent in the order of the calls:
 * `ScriptedReply.reasoning('Look first').shellCommand('ls').usage({ inputTokens: 100 })`.
 *
 * Adjacent {@link ScriptedReply.deltas} form one message; a gate, delay or cut between or after them is in the middle
 * of that message.
 *
 * @example
 * ```ts
 * model.reply(
 *   ScriptedReply.reasoning('Look first').shellCommand('echo 3 tests'),
 *   ScriptedReply.deltas('Three ', 'tests.').usage({ inputTokens: 100, outputTokens: 4 }),
 * );
 * const turn = await thread.run('How many tests are there?');
 * console.log(turn.items.map(({ type }) => type).join()); // userMessage,reasoning,commandExecution,agentMessage
 * ```
 */
export class ScriptedReply {
  /** The parts, in order. @internal */
  readonly steps: readonly ScriptedStep[];
  /** The usage in the completed response. @internal */
  readonly tokens: ScriptedUsage;

  private constructor(steps: readonly ScriptedStep[], tokens: ScriptedUsage) {
    this.steps = Object.freeze([...steps]);
    this.tokens = tokens;
  }

  /** A reply without parts: a response that completes immediately, without output. */
  static empty(): ScriptedReply {
    return new ScriptedReply([], defaultUsage);
  }

  /** An answer as one text, or streamed in these pieces. */
  static message(
    text: string | readonly string[],
    options: ScriptedMessageOptions = {},
  ): ScriptedReply {
    return ScriptedReply.empty().message(text, options);
  }

  /** An answer streamed in these pieces. */
  static deltas(...texts: readonly string[]): ScriptedReply {
    return ScriptedReply.empty().deltas(...texts);
  }

  /** A summary of the model's reasoning. */
  static reasoning(summary: string, options: ScriptedPieces = {}): ScriptedReply {
    return ScriptedReply.empty().reasoning(summary, options);
  }

  /** A shell command for codex to run. */
  static shellCommand(command: string, options: ScriptedShellOptions = {}): ScriptedReply {
    return ScriptedReply.empty().shellCommand(command, options);
  }

  /** A patch for codex to apply: text from `*** Begin Patch` to `*** End Patch`. */
  static patch(patchText: string): ScriptedReply {
    return ScriptedReply.empty().patch(patchText);
  }

  /** The reply to a compaction request of the built-in provider: the summarized history, as an opaque text. */
  static compaction(summary: string): ScriptedReply {
    return ScriptedReply.empty().compaction(summary);
  }

  /** A call of a function tool; `args` become its JSON arguments. */
  static functionCall(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: ScriptedCallOptions = {},
  ): ScriptedReply {
    return ScriptedReply.empty().functionCall(name, args, options);
  }

  /**
   * An HTTP error instead of a stream; by default with the provider's body for that status.
   *
   * A 400, a 429 and a 404 with the default body fail the turn at once. codex-rs retries after any other error status, such
   * as 401, 403 or 500: a single such reply does not fail the turn, because the retry gets the next reply of the model. To
   * fail the turn, send the error to all retries: `model.otherwise(ScriptedReply.status(401))`. The retries take several
   * seconds.
   */
  static status(
    code: number,
    body?: ScriptedBody,
    headers: Readonly<Record<string, string>> = {},
  ): ScriptedReply {
    return ScriptedReply.empty().status(code, body, headers);
  }

  /** The 429 of an exhausted subscription, with the rate-limit headers that contain the reset time. */
  static usageLimitReached(options: ScriptedUsageLimitOptions): ScriptedReply {
    const seconds = Math.floor(options.resetsAt.getTime() / 1000);
    if (Number.isNaN(seconds)) throw problem('resetsAt', 'must be a valid date');
    const error = {
      type: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      plan_type: 'plus',
      resets_at: seconds,
    };
    const headers = {
      'x-codex-primary-used-percent': '100',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(seconds),
    };
    return ScriptedReply.empty().status(429, { error }, headers);
  }

  /** The 400 of a request that is too long for the model. */
  static contextWindowExceeded(): ScriptedReply {
    return ScriptedReply.empty().status(400, { error: contextError });
  }

  /** A stream that ends with `response.failed`, for a failure after the start of the answer. */
  static failed(code: string, message: string): ScriptedReply {
    return ScriptedReply.empty().failed(code, message);
  }

  /** A connection that is destroyed before any answer. */
  static cut(): ScriptedReply {
    return ScriptedReply.empty().cut();
  }

  /** A reply that waits before its first part. */
  static delay(milliseconds: number): ScriptedReply {
    return ScriptedReply.empty().delay(milliseconds);
  }

  /** A reply that waits for a gate before its first part. */
  static gate(gate: Gate): ScriptedReply {
    return ScriptedReply.empty().gate(gate);
  }

  /** Adds a message as one text, or streamed in these pieces. */
  message(text: string | readonly string[], options: ScriptedMessageOptions = {}): ScriptedReply {
    const texts = [text].flat();
    const deltas = options.deltas ?? texts;
    return this.#with({ type: 'message', ...options, text: texts.join(''), deltas });
  }

  /** Adds a message streamed in these pieces; directly after other deltas it continues their message. */
  deltas(...texts: readonly string[]): ScriptedReply {
    return this.#with({ type: 'deltas', texts });
  }

  /** Adds a summary of the model's reasoning. */
  reasoning(summary: string, { deltas }: ScriptedPieces = {}): ScriptedReply {
    return this.#with({ type: 'reasoning', summary, deltas: deltas ?? [summary] });
  }

  /** Adds a shell command for codex to run. */
  shellCommand(command: string, options: ScriptedShellOptions = {}): ScriptedReply {
    const { workdir, yieldTimeMs, escalated, justification } = options;
    return this.functionCall('exec_command', {
      cmd: command,
      ...(workdir === undefined ? {} : { workdir }),
      ...(yieldTimeMs === undefined ? {} : { yield_time_ms: yieldTimeMs }),
      ...(escalated === true ? { sandbox_permissions: 'require_escalated' } : {}),
      ...(justification === undefined ? {} : { justification }),
    });
  }

  /** Adds a patch for codex to apply. */
  patch(patchText: string): ScriptedReply {
    return this.#with({
      type: 'call',
      call: { type: 'custom_tool_call', name: 'apply_patch', input: patchText },
    });
  }

  /** Adds the single item of a reply to a compaction request of the built-in provider. */
  compaction(summary: string): ScriptedReply {
    return this.#with({ type: 'compaction', summary });
  }

  /** Adds a call of a function tool; `args` become its JSON arguments. */
  functionCall(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: ScriptedCallOptions = {},
  ): ScriptedReply {
    return this.#with({
      type: 'call',
      call: { type: 'function_call', name, arguments: JSON.stringify(args), ...options },
    });
  }

  /** Replies with an HTTP error; only delays and gates may precede it. */
  status(
    code: number,
    body?: ScriptedBody,
    headers: Readonly<Record<string, string>> = {},
  ): ScriptedReply {
    if (!Number.isInteger(code) || code < 200 || code > 599)
      throw problem('status', `must be an HTTP status from 200 to 599, got ${code}`);
    if (!this.steps.every(({ type }) => type === 'delay' || type === 'gate'))
      throw problem('status', `cannot follow ${this.#describe()}: the stream has begun`);
    return this.#with({ type: 'status', code, body: body ?? defaultBody(code), headers });
  }

  /** Ends the stream with `response.failed`. */
  failed(code: string, message: string): ScriptedReply {
    return this.#with({ type: 'failed', code, message });
  }

  /** Destroys the connection at this point. */
  cut(): ScriptedReply {
    return this.#with({ type: 'cut' });
  }

  /** Waits at this point. */
  delay(milliseconds: number): ScriptedReply {
    if (!Number.isFinite(milliseconds) || milliseconds < 0)
      throw problem('delay', `must be a number of milliseconds, got ${milliseconds}`);
    return this.#with({ type: 'delay', milliseconds });
  }

  /** Holds the stream at this point until the gate is opened. */
  gate(gate: Gate): ScriptedReply {
    return this.#with({ type: 'gate', gate });
  }

  /** Sets the usage in the completed response; replaces earlier numbers. */
  usage(usage: Partial<ScriptedUsage>): ScriptedReply {
    return new ScriptedReply(this.steps, { ...this.tokens, ...usage });
  }

  #with(step: ScriptedStep): ScriptedReply {
    const last = this.steps.at(-1);
    if (last?.type === 'status' || last?.type === 'cut' || last?.type === 'failed')
      throw problem(step.type, `cannot follow ${this.#describe()}, which ends the reply`);
    return new ScriptedReply([...this.steps, step], this.tokens);
  }

  #describe(): string {
    return this.steps.map(({ type }) => type).join(', ');
  }
}

const defaultUsage: ScriptedUsage = Object.freeze({
  inputTokens: 10,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 5,
  reasoningOutputTokens: 0,
});

const defaultErrors: Readonly<Record<number, Readonly<Record<string, unknown>>>> = {
  400: { type: 'invalid_request_error', code: null, message: 'The request is not valid.' },
  401: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key.' },
  403: { type: 'invalid_request_error', code: null, message: 'Not allowed.' },
  404: { type: 'invalid_request_error', code: 'model_not_found', message: 'No such model.' },
  429: { type: 'requests', code: 'rate_limit_exceeded', message: 'Too many requests.' },
  500: { type: 'server_error', code: null, message: 'The server had an error.' },
  503: { type: 'server_error', code: 'server_is_overloaded', message: 'Overloaded.' },
};

const contextError = Object.freeze({
  type: 'invalid_request_error',
  code: 'context_length_exceeded',
  message: 'Your input exceeds the context window of this model.',
});

function defaultBody(code: number): ScriptedBody {
  return { error: defaultErrors[code] ?? { type: 'error', code: null, message: `HTTP ${code}` } };
}

function problem(path: string, reason: string): ValidationError {
  return new ValidationError('scripted reply', [{ path, reason }]);
}
