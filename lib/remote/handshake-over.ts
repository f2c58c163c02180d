import { RequestError, TransportError } from '../errors.js';
import { pause } from '../pause.js';
import { timers } from '../timers.js';
import type { Handshake } from '../transport/app-server-transport.js';
import type { LaunchPlan } from '../transport/launch-plan.js';
import { WebSocketConnection, type WebSocketTarget } from './web-socket-connection.js';

/** The first delay before an overloaded server is retried, in milliseconds. */
const overloadedMs = 100;

/**
 * Opens a WebSocket and performs the handshake over it; retries while the server is overloaded.
 *
 * @param targetOf - the target, called for each connection
 */
export async function handshakeOver<T>(
  targetOf: () => WebSocketTarget | Promise<WebSocketTarget>,
  context: {
    readonly plan: LaunchPlan;
    readonly handshake: Handshake<T>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { plan, handshake, signal } = context;
  const { startupTimeoutMs } = plan;
  const limit = new AbortController();
  const deadline = timers.performance.now() + startupTimeoutMs;
  const timer = timers.setTimeout(() => {
    limit.abort(late(startupTimeoutMs));
  }, startupTimeoutMs);
  const either = AbortSignal.any([limit.signal, ...(signal === undefined ? [] : [signal])]);
  try {
    for (let attempt = 0; ; attempt += 1) {
      const connection = await WebSocketConnection.open(await targetOf(), either);
      try {
        return await handshake(connection, Math.max(1, deadline - timers.performance.now()));
      } catch (error) {
        if (!isOverloaded(error)) throw error;
      }
      // Between half and all of the delay, so that clients rejected together do not retry together.
      await pause(overloadedMs * 2 ** Math.min(attempt, 6) * (0.5 + Math.random() / 2), either);
    }
  } finally {
    timers.clearTimeout(timer);
  }
}

/** A server with many simultaneous clients rejects `initialize` too. */
function isOverloaded(error: unknown): boolean {
  return (
    TransportError.is(error) && RequestError.is(error.cause) && error.cause.code === 'overloaded'
  );
}

function late(startupTimeoutMs: number): TransportError {
  return new TransportError(
    `The connection to codex-rs was not ready within ${startupTimeoutMs} ms (startupTimeoutMs).`,
    { code: 'start-timeout' },
  );
}
