import { TransportError } from '../errors.js';
import type { ClientRequests, InitializeResponse } from '../protocol/index.js';
import { codexVersionIn, isAtLeast } from '../version.js';
import { unsupported } from './decode.js';
import type { JsonRpcPeer, PeerCallOptions } from './json-rpc-peer.js';
import type { SessionPlan } from './session-plan.js';

/**
 * Performs the handshake (`initialize`, `initialized`) and resolves with the information that codex-rs sends about
 * itself.
 *
 * @throws {@link TransportError} `start-failed` for another program; {@link UnsupportedCodexError} for a codex-rs that is too old
 */
export async function handshake(
  peer: JsonRpcPeer,
  { clientInfo, experimentalApi, minCodexVersion: required }: SessionPlan,
  limits: PeerCallOptions,
): Promise<InitializeResponse> {
  const params: ClientRequests['initialize']['params'] = {
    clientInfo,
    capabilities: { experimentalApi, requestAttestation: false },
  };
  const info = (await peer.request('initialize', params, limits)) as InitializeResponse | null;
  if (typeof info?.userAgent !== 'string')
    throw new TransportError(
      'The reply to initialize is not from a codex app-server: check codexPath or the address of the server.',
      {
        code: 'start-failed',
        retryable: false,
      },
    );
  const server = { codexVersion: codexVersionIn(info.userAgent, clientInfo.name) };
  if (required !== undefined && !isAtLeast(server.codexVersion, required))
    throw unsupported(server, `the features of ${required}, which minCodexVersion requires`);
  if (typeof (info as Partial<InitializeResponse>).codexHome !== 'string')
    throw unsupported(server, 'codexHome in its reply to initialize');
  await peer.notify('initialized');
  return info;
}
