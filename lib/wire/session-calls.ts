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

// codex-rs refuses calls as overloaded when some 200 of them wait for an answer.
const inFlightLimit = 64;

/** The requests of one session: within their limits, not too many at once, and again where codex-rs is overloaded. */
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

  /** codex-rs refuses a method that it does not have with the words of its parser. The pinned one has all of the protocol. */
  #refusal(error: unknown, method: string): unknown {
    const codexVersion = this.#codexVersion();
    if (!RequestError.is(error) || codexVersion === testedCodexVersion) return error;
    if (!error.serverMessage.includes(`unknown variant \`${method}\``)) return error;
    return unsupported({ codexVersion }, `the method ${method}`, error);
  }
}

/** The trace that somebody who listens wants the request to belong to. */
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
