import type { ClientInfo } from '../protocol/index.js';
import type { AppServerTransport } from '../transport/app-server-transport.js';
import type { LaunchPlan } from '../transport/launch-plan.js';

/** How a session is opened: over which transport, and what the handshake says. */
export interface SessionPlan extends LaunchPlan {
  /** Opens the connections. Defaults to a {@link StdioTransport}. */
  readonly transport?: AppServerTransport;
  /** How this client names itself to Codex. */
  readonly clientInfo: ClientInfo;
  /** The oldest version of codex-rs that may answer. */
  readonly minCodexVersion?: string;
  /** Whether the experimental part of the protocol is asked for. It cannot be added later. */
  readonly experimentalApi: boolean;
  /** Whether other machines use the home too, with databases of their own. */
  readonly sharesHome?: boolean;
  /** How long a request may wait for its reply. Defaults to 30 s. */
  readonly ackTimeoutMs?: number;
}
