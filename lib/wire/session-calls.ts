import { RequestError } from '../errors.js';
import type { ClientRequests } from '../protocol/index.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { TraceContext } from '../telemetry/messages.js';
import { testedCodexVersion } from '../version.js';
import { callLimits, type SentCallOptions } from './call-limits.js';
import { decode, record, unsupported } from './decode.js';
import { InFlight } from './in-flight.js';
import type { JsonRpcPeer } from './json-rpc-peer.js';
import { readOnlyMethods, urgentMethods } from './method-kinds.js';
import { retryOnOverload } from './overload.js';
import type { SessionPlan } from './session-plan.js';

// codex-rs rejects calls as overloaded when about 200 are pending.
const inFlightLimit = 64;

/**
 * The requests of one session: applies their limits, bounds their concurrency, and retries them when codex-rs is
 * overloaded.
 */
export class SessionCalls {
  readonly #peer: JsonRpcPeer;
  readonly #plan: SessionPlan;
  readonly #codexVersion: () => string | null;
  readonly #inFlight = new InFlight(inFlightLimit);

  constructor(peer: JsonRpcPeer, plan: SessionPlan, codexVersion: () => string | null) {
    this.#peer = peer;
    this.#plan = plan;
    this.#codexVersion = codexVersion;
  }

  /** Sends a request and resolves with its result. */
  async send<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]['params'],
    options: SentCallOptions,
  ): Promise<ClientRequests[M]['result']> {
    const outer = callLimits();
    const usualMs = outer.timeoutMs ?? this.#plan.ackTimeoutMs ?? 30_000;
    const { signal = outer.signal, timeoutMs = usualMs, onSent } = options;
    const trace = traceFor(method, params);
    const send = async (): Promise<ClientRequests[M]['result']> => {
      const result = await this.#peer
        .request(method, params ?? {}, { signal, timeoutMs, trace, onSent })
        .catch((error: unknown) => {
          throw this.#refusal(error, method);
        });
      const server = { codexVersion: this.#codexVersion() };
      return decode(method, () => record(result) as ClientRequests[M]['result'], server);
    };
    if (urgentMethods.has(method)) return send();
    const call = async (): Promise<ClientRequests[M]['result']> => this.#inFlight.run(send, signal);
    if (readOnlyMethods.has(method))
      return retryOnOverload(call, signal === undefined ? {} : { signal });
    return call();
  }

  /** An unknown method is rejected with a parser error. The pinned codex-rs supports the whole protocol. */
  #refusal(error: unknown, method: string): unknown {
    const codexVersion = this.#codexVersion();
    if (!RequestError.is(error) || codexVersion === testedCodexVersion) return error;
    if (!error.serverMessage.includes(`unknown variant \`${method}\``)) return error;
    return unsupported({ codexVersion }, `the method ${method}`, error);
  }
}

/** The trace context that a subscriber provides for the request. */
function traceFor(method: string, params: unknown): TraceContext | undefined {
  let trace: TraceContext | undefined;
  telemetry.request.publish(() => {
    const { clientUserMessageId: id } = (params ?? {}) as { clientUserMessageId?: unknown };
    return {
      method,
      clientMessageId: typeof id === 'string' ? id : null,
      traceWith: (given) => {
        trace = given;
      },
    };
  });
  return trace;
}
