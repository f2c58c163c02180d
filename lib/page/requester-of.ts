import type { Codex } from '../codex.js';
import type { Requester } from '../loaded/requester.js';

/** Sends requests through the public `request` method of a client. */
export async function requesterOf(codex: Codex): Promise<Requester> {
  const { version } = await codex.serverInfo();
  return { codexVersion: version, request: codex.request.bind(codex) as Requester['request'] };
}
