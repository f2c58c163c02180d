import {
  AppServerTransport,
  type Handshake,
  type ServerOwnership,
} from '../../transport/app-server-transport.js';
import type { CodexBinary } from '../../transport/binary-locator.js';
import type { LaunchPlan } from '../../transport/launch-plan.js';
import { StdioTransport } from '../../transport/stdio-transport.js';
import type { ClientRequests, JsonValue } from '../../protocol/index.js';
import { FaultyConnection } from './faulty-connection.js';
import { MessageFault, type ServerMessageParams } from './message-fault.js';
import { FaultCounter, type FaultOccurrence } from './occurrence.js';
import type { Fault } from './passage.js';
import { RequestFault } from './request-fault.js';
import type { WireMessage } from './wire-message.js';

/** A message of the client: a request, a notification, or an answer to a request of the server. */
export interface ClientMessage {
  /** The connection it was sent on, counted from 1. */
  readonly generation: number;
  /** The message. */
  readonly message: Readonly<Record<string, JsonValue>>;
}

/**
 * Another transport, with faults: messages are lost, delayed, repeated, changed or injected, and the server dies when a
 * test requires it. The real codex-rs, or any other target of the wrapped transport, runs behind it.
 *
 * Faults are added by verbs, at any time. Each verb changes this transport and returns it.
 *
 * @example
 * ```ts
 * const transport = new FaultyTransport().on('turn/start', { nth: 2 }).kill();
 * await using codex = new Codex({ transport });
 * const thread = codex.startThread();
 *
 * console.log((await thread.run('Why is the build red?')).finalResponse); // A test fails.
 * const error: unknown = await thread.run('Fix it').catch((reason: unknown) => reason);
 * console.log(OutcomeUnknownError.is(error), transport.requests('turn/start').length); // true 2
 * ```
 */
export class FaultyTransport extends AppServerTransport {
  readonly #inner: AppServerTransport;
  readonly #faults: ((message: WireMessage, generation: number) => Fault[])[] = [];
  readonly #log: ClientMessage[] = [];
  readonly #waiting = new Set<() => void>();
  #generation = 0;

  /** @param inner - the transport to wrap. Defaults to a {@link StdioTransport} */
  constructor(inner: AppServerTransport = new StdioTransport()) {
    super();
    this.#inner = inner;
  }

  /** @inheritDoc */
  override get ownership(): ServerOwnership {
    return this.#inner.ownership;
  }

  /** @inheritDoc */
  override get reconnectMs(): number {
    return this.#inner.reconnectMs;
  }

  /** All messages of the client so far, over all connections. */
  get received(): readonly ClientMessage[] {
    return this.#log;
  }

  /** The number of connections so far. */
  get connections(): number {
    return this.#generation;
  }

  /** @inheritDoc */
  override locate(plan: LaunchPlan): CodexBinary | null {
    return this.#inner.locate(plan);
  }

  /** Starts a fault at a request: at all requests with the method, unless the occurrence restricts it. */
  on<M extends keyof ClientRequests>(
    method: M,
    occurrence: FaultOccurrence = {},
  ): RequestFault<this, M> {
    return new RequestFault(occurrence, (fault, which) => this.#put(method, fault, which));
  }

  /**
   * Starts a fault at a notification or a request of the server: at all of them, unless the occurrence restricts it.
   */
  onMessage<M extends keyof ServerMessageParams>(
    method: M,
    occurrence: FaultOccurrence = {},
  ): MessageFault<this, ServerMessageParams[M]> {
    return new MessageFault(occurrence, (fault, which) => this.#put(method, fault, which));
  }

  /**
   * Removes all faults and clears the log, so that tests can share a client. Messages held by a gate still arrive when
   * it opens.
   */
  reset(): this {
    this.#faults.length = 0;
    this.#log.length = 0;
    return this;
  }

  /** The params of all requests so far with this method. */
  requests<M extends keyof ClientRequests>(method: M): readonly ClientRequests[M]['params'][] {
    return this.#log
      .filter(({ message }) => message.method === method)
      .map(({ message }) => message.params as ClientRequests[M]['params']);
  }

  /** Resolves when the client has sent the nth request or notification with this method. */
  async whenReceived(method: string, nth = 1): Promise<ClientMessage> {
    for (;;) {
      const found = this.#log.filter(({ message }) => message.method === method)[nth - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** @inheritDoc */
  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#inner.connect(
      plan,
      async (inner, timeoutMs) => {
        const generation = (this.#generation += 1);
        const connection = new FaultyConnection({
          inner,
          log: (message) => {
            this.#log.push({ generation, message });
            for (const resolve of this.#waiting) resolve();
            this.#waiting.clear();
          },
          faultsOf: (message) => this.#faults.flatMap((plan) => plan(message, generation)),
        });
        return handshake(connection, timeoutMs);
      },
      signal,
    );
  }

  #put(method: string, fault: Fault, occurrence: FaultOccurrence): this {
    const counter = new FaultCounter(occurrence);
    this.#faults.push(({ method: got, params }, generation) =>
      got === method && counter.matches(generation, params) ? [fault] : [],
    );
    return this;
  }
}
