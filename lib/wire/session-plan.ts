import type { ClientInfo } from '../protocol/index.js';
import type { AppServerTransport } from '../transport/app-server-transport.js';
import type { LaunchPlan } from '../transport/launch-plan.js';

/** How to open a session: the transport and the content of the handshake. */
export interface SessionPlan extends LaunchPlan {
  /** Opens the connections. Defaults to a {@link StdioTransport}. */
  readonly transport?: AppServerTransport;
  /** The name and version that this client sends to Codex. */
  readonly clientInfo: ClientInfo;
  /** The oldest version of codex-rs that is accepted. */
  readonly minCodexVersion?: string;
  /** Whether to request the experimental part of the protocol. It cannot be enabled later. */
  readonly experimentalApi: boolean;
  /** Whether other machines use the same home, with their own databases. */
  readonly sharesHome?: boolean;
  /** The timeout for replies. Defaults to 30 s. */
  readonly ackTimeoutMs?: number;
}
