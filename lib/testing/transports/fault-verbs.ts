import type { JsonValue, ServerNotifications, ServerRequests } from '../../protocol/index.js';
import type { FaultOccurrence } from './occurrence.js';
import type { Fault, FaultAct } from './passage.js';

/** The params of an injected message, or a function that creates them from the params of the affected message. */
export type InjectedParams<Injected, Params> = Injected | ((params: Params) => Injected);

/** Faults that can happen at any message, as verbs. Each verb returns the transport. */
export abstract class FaultVerbs<Next, Params = never> {
  readonly #occurrence: FaultOccurrence;
  readonly #put: PutFault<Next>;

  /** @internal */
  constructor(occurrence: FaultOccurrence, put: PutFault<Next>) {
    this.#occurrence = occurrence;
    this.#put = put;
  }

  /**
   * Kills the server process with SIGKILL. If the server is not a process of this machine, ends the connection as if it
   * were.
   */
  kill(): Next {
    return this.#act((line) => {
      line.kill();
    });
  }

  /** Stops all messages in both directions, as if the server had been stopped by SIGSTOP. */
  freeze(): Next {
    return this.#act((line) => {
      line.freeze();
    });
  }

  /** Breaks the connection. A process owned by the client ends with it. */
  cut(): Next {
    return this.#act((line) => {
      line.cut();
    });
  }

  /** Injects a line that is not a message. */
  garbage(text = 'this is not a message'): Next {
    return this.#act((line) => {
      line.say(text);
    });
  }

  /** Injects a notification. */
  notify<M extends keyof ServerNotifications>(
    method: M,
    params: InjectedParams<ServerNotifications[M], Params>,
  ): Next {
    return this.notifyAnything(method, params as InjectedParams<JsonValue, Params>);
  }

  /** Injects a notification with any method and params. */
  notifyAnything(method: string, params: InjectedParams<JsonValue, Params>): Next {
    return this.#act((line, at) => {
      line.say(JSON.stringify({ method, params: injected(params, at), emittedAtMs: 0 }));
    });
  }

  /**
   * Injects a request of the server. Its id is `faulty-1` for the first one of a connection, then `faulty-2`, and so
   * on. The client's answer is logged and does not reach the server.
   */
  request<M extends keyof ServerRequests>(
    method: M,
    params: InjectedParams<ServerRequests[M]['params'], Params>,
  ): Next {
    return this.requestAnything(method, params as InjectedParams<JsonValue, Params>);
  }

  /** Injects a request of the server with any method and params. */
  requestAnything(method: string, params: InjectedParams<JsonValue, Params>): Next {
    return this.#act((line, at) => {
      line.ask(method, injected(params, at));
    });
  }

  /** @internal */
  protected put(fault: Fault, changes: FaultOccurrence = {}): Next {
    return this.#put(fault, { ...this.#occurrence, ...changes });
  }

  #act(act: FaultAct<Params>): Next {
    const { when = 'before' } = this.#occurrence;
    return this.put(
      when === 'before' ? { message: { before: [act] } } : { reply: { after: [act] } },
    );
  }
}

/** Adds a fault to a transport and returns it. @internal */
export type PutFault<Next> = (fault: Fault, occurrence: FaultOccurrence) => Next;

function injected<Params>(params: InjectedParams<JsonValue, Params>, at: Params): JsonValue {
  return typeof params === 'function' ? params(at) : params;
}
