import { CodexError, ValidationError } from '../../errors.js';
import { timers } from '../../timers.js';
import { within } from '../../within.js';
import {
  modelErrorBody,
  ScriptedModelServer,
  type ModelExchange,
} from './scripted-model-server.js';
import { ScriptedModelStream } from './scripted-model-stream.js';
import { ScriptedReply } from './scripted-reply.js';
import { ScriptedRequest } from './scripted-request.js';

/**
 * A model provider on the loopback interface that answers the real codex binary from a script: the OpenAI Responses API
 * over HTTP and server-sent events, without network, key or cost.
 *
 * Pass {@link ScriptedModel.baseUrl} to codex as its base URL, queue one {@link ScriptedReply} per model request, and
 * check {@link ScriptedModel.requests} afterwards.
 *
 * @example
 * ```ts
 * await using model = await ScriptedModel.start();
 * await using home = await TemporaryCodexHome.create();
 * await using codex = new Codex({
 *   apiKey: 'any-text',
 *   baseUrl: model.baseUrl,
 *   codexHome: home.path,
 * });
 * model.reply(ScriptedReply.message('A test fails.'));
 *
 * const turn = await codex.startThread().run('Why is the build red?');
 *
 * console.log(turn.finalResponse); // A test fails.
 * console.log(model.requests[0]?.userTexts.at(-1)); // Why is the build red?
 * console.log(model.unexpectedRequests.length); // 0
 * ```
 */
export class ScriptedModel {
  readonly #server: ScriptedModelServer;
  readonly #queue: ScriptedAnswer[] = [];
  #rules: readonly ScriptedRule[] = [];
  #otherwise: ScriptedAnswer | null = null;
  readonly #requests: ScriptedRequest[] = [];
  readonly #unexpected: UnexpectedRequest[] = [];
  readonly #waiting = new Set<() => void>();
  #webSocketAttempts = 0;

  private constructor(server: ScriptedModelServer) {
    this.#server = server;
  }

  /** Listens on a free port of 127.0.0.1 only. */
  static async start(): Promise<ScriptedModel> {
    const server = await ScriptedModelServer.listen();
    const model = new ScriptedModel(server);
    server.serve({
      onModelRequest: async (exchange) => model.#answer(exchange),
      onUnexpected: (target, reason) => {
        model.#unexpected.push({ target, reason, request: null });
      },
      onWebSocket: () => {
        model.#webSocketAttempts += 1;
      },
    });
    return model;
  }

  /** The base URL for codex: `http://127.0.0.1:PORT/v1`. */
  get baseUrl(): string {
    return this.#server.baseUrl;
  }

  /** All model requests so far, in order of arrival. */
  get requests(): readonly ScriptedRequest[] {
    return [...this.#requests];
  }

  /** All requests so far that the script did not expect; a good last assertion is that there are none. */
  get unexpectedRequests(): readonly UnexpectedRequest[] {
    return [...this.#unexpected];
  }

  /** The number of queued replies that have not been used. */
  get queuedReplies(): number {
    return this.#queue.length;
  }

  /** The number of WebSocket attempts of codex; each falls back to HTTP. */
  get webSocketAttempts(): number {
    return this.#webSocketAttempts;
  }

  /** Appends replies to the queue. Each answers one request, first in, first out. */
  reply(...answers: readonly ScriptedAnswer[]): this {
    this.#queue.push(...answers);
    return this;
  }

  /** Answers all requests that match. Rules are checked before the queue, the earliest first. */
  replyWhen(matches: (request: ScriptedRequest) => boolean, answer: ScriptedAnswer): this {
    this.#rules = [...this.#rules, { matches, answer, isOnce: false }];
    return this;
  }

  /** Answers only the next request that matches. Rules are checked before the queue, the earliest first. */
  replyOnceWhen(matches: (request: ScriptedRequest) => boolean, answer: ScriptedAnswer): this {
    this.#rules = [...this.#rules, { matches, answer, isOnce: true }];
    return this;
  }

  /** Answers requests that match neither a rule nor the queue; replaces an earlier default. */
  otherwise(answer: ScriptedAnswer): this {
    this.#otherwise = answer;
    return this;
  }

  /**
   * Resolves to the request with this index (starting at 0), now or when it arrives.
   *
   * @throws CodexError with code `scripted-model-closed` if the model is closed first; the reason of the signal if it fires
   */
  async request(
    index: number,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ScriptedRequest> {
    if (!Number.isInteger(index) || index < 0)
      throw new ValidationError('request to wait for', [
        { path: 'index', reason: `must be an integer of at least 0, got ${index}` },
      ]);
    options.signal?.throwIfAborted();
    for (;;) {
      const request = this.#requests[index];
      if (request !== undefined) return request;
      if (this.#server.isClosing)
        throw new CodexError(`The scripted model was closed before request ${index} arrived.`, {
          code: 'scripted-model-closed',
        });
      const news = new Promise<void>((resolve) => this.#waiting.add(resolve));
      await within(news, options);
    }
  }

  /** Ends all streams, including held ones, and stops listening; resolves when the port is free. Idempotent. */
  async close(): Promise<void> {
    const closed = this.#server.close();
    this.#emit();
    await closed;
  }

  /** The same as {@link ScriptedModel.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer({ headers, body, response, gone }: ModelExchange): Promise<void> {
    const index = this.#requests.length;
    const request = new ScriptedRequest({ index, at: timers.Date.now(), headers, body });
    response.once('close', () => {
      request.settle(this.#server.isClosing ? 'closed' : 'aborted');
    });
    this.#requests.push(request);
    this.#emit();
    const stream = new ScriptedModelStream(response, String(index), gone);
    const outcome = await stream.play(this.#choose(request));
    request.settle(outcome);
    if (outcome === 'cut') response.destroy();
  }

  /** The first matching rule, then the queue, then the default. An error in a function of the script fails the turn. */
  #choose(request: ScriptedRequest): ScriptedReply {
    try {
      const rule = this.#rules.find(({ matches }) => matches(request));
      if (rule?.isOnce === true) this.#rules = this.#rules.filter((other) => other !== rule);
      const answer = rule?.answer ?? this.#queue.shift() ?? this.#otherwise;
      if (answer !== null) return typeof answer === 'function' ? answer(request) : answer;
      const said = JSON.stringify(request.userTexts.at(-1) ?? '');
      return this.#unforeseen(
        request,
        `the scripted model has no reply for request ${request.index} (${said}): queue one with reply(), or set otherwise()`,
      );
    } catch (error) {
      return this.#unforeseen(
        request,
        `the script failed on request ${request.index}: ${String(error)}`,
      );
    }
  }

  #unforeseen(request: ScriptedRequest, reason: string): ScriptedReply {
    this.#unexpected.push({ target: 'POST /v1/responses', reason, request });
    // Not 500: codex retries it many times and hides its text. A 400 fails the turn immediately, with this message.
    return ScriptedReply.status(400, modelErrorBody(reason));
  }

  #emit(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** A reply, or a function that creates one from the request. */
export type ScriptedAnswer = ScriptedReply | ((request: ScriptedRequest) => ScriptedReply);

/** A request that the script did not expect, and the reason. */
export interface UnexpectedRequest {
  /** For example `POST /v1/responses`. */
  readonly target: string;
  /** The reason. */
  readonly reason: string;
  /** The model request if it could be parsed, otherwise null. */
  readonly request: ScriptedRequest | null;
}

interface ScriptedRule {
  readonly matches: (request: ScriptedRequest) => boolean;
  readonly answer: ScriptedAnswer;
  readonly isOnce: boolean;
}
