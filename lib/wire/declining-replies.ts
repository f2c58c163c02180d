import type { ServerRequest, ServerRequests } from '../protocol/index.js';
import { timers } from '../timers.js';

/** The reply to a request from codex-rs. */
export type Reply<T = unknown> =
  { readonly result: T } | { readonly error: { readonly code: number; readonly message: string } };

type Declining = {
  readonly [M in keyof ServerRequests]: () => Reply<ServerRequests[M]['result']>;
};

const rejection = 'The client declined.';

const declining: Declining = {
  'item/commandExecution/requestApproval': () => ({ result: { decision: 'decline' } }),
  'item/fileChange/requestApproval': () => ({ result: { decision: 'decline' } }),
  'item/tool/requestUserInput': () => ({ result: { answers: {} } }),
  'mcpServer/elicitation/request': () => ({
    result: { action: 'decline', content: null, _meta: null },
  }),
  'item/permissions/requestApproval': () => ({ result: { permissions: {}, scope: 'turn' } }),
  'item/tool/call': () => ({
    result: {
      contentItems: [{ type: 'inputText', text: 'This tool is not available.' }],
      success: false,
    },
  }),
  'account/chatgptAuthTokens/refresh': () => refused('This client does not have ChatGPT tokens.'),
  'attestation/generate': () => refused('This client does not support attestations.'),
  'currentTime/read': () => ({ result: { currentTimeAt: Math.floor(timers.Date.now() / 1000) } }),
  applyPatchApproval: () => ({ result: { decision: { denied: { rejection } } } }),
  execCommandApproval: () => ({ result: { decision: { denied: { rejection } } } }),
};

/**
 * The reply that grants nothing: the negative answer of each request, and "method not found" for a request unknown to
 * this version.
 */
export function decliningReply(request: Pick<ServerRequest, 'method'>): Reply {
  const method: string = request.method;
  if (Object.hasOwn(declining, method)) return declining[request.method]();
  return { error: { code: -32601, message: `Method not found: ${method}` } };
}

function refused(message: string): { readonly error: { code: number; message: string } } {
  return { error: { code: -32000, message } };
}
