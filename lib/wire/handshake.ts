import { TransportError } from '../errors.js';
import type { ClientRequests, InitializeResponse } from '../protocol/index.js';
import { codexVersionIn, testedCodexVersion } from '../version.js';
import type { JsonRpcPeer, PeerCallOptions } from './json-rpc-peer.js';
import type { SessionPlan } from './session-plan.js';

/**
 * Performs the handshake (`initialize`, `initialized`) and resolves with what codex-rs said about itself.
 *
 * @throws {@link TransportError} `start-failed` for another program, and for a codex-rs that is too old
 */
export async function handshake(
  peer: JsonRpcPeer,
  { clientInfo, experimentalApi }: SessionPlan,
  limits: PeerCallOptions,
): Promise<InitializeResponse> {
  const params: ClientRequests['initialize']['params'] = {
    clientInfo,
    capabilities: { experimentalApi, requestAttestation: false },
  };
  const info = (await peer.request('initialize', params, limits)) as InitializeResponse | null;
  if (typeof info?.userAgent !== 'string')
    throw failure('The program does not answer like a codex app-server.');
  if (typeof (info as Partial<InitializeResponse>).codexHome !== 'string') {
    const version = codexVersionIn(info.userAgent, clientInfo.name) ?? 'of an unknown version';
    throw failure(
      `codex-rs ${version} is too old for this package. Use @openai/codex ${testedCodexVersion}.`,
    );
  }
  await peer.notify('initialized');
  return info;
}

function failure(message: string): TransportError {
  return new TransportError(message, { code: 'start-failed', retryable: false });
}
