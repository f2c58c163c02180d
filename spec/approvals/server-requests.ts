import type { ApprovalRequest } from '../../lib/approvals/approval-request.js';
import { approvalRequestOf } from '../../lib/approvals/approval-request.js';
import type { FileUpdateChange, ServerRequest, ServerRequests } from '../../lib/protocol/index.js';

export type Params = { readonly [M in keyof ServerRequests]: ServerRequests[M]['params'] };

export const threadId = '01a20519-0000-7000-8000-000000000001';
export const turnId = '01a20519-0000-7000-8000-000000000002';
const origin = { threadId, turnId, itemId: 'call_1', startedAtMs: 1 };

/** One valid request of every method that codex-rs may send. */
export const params: Params = {
  'item/commandExecution/requestApproval': {
    ...origin,
    kind: 'command',
    environmentId: 'local',
    command: "/bin/bash -lc 'npm test'",
    cwd: '/repo',
    commandActions: [{ type: 'unknown', command: 'npm test' }],
    proposedExecpolicyAmendment: ['npm', 'test'],
    availableDecisions: [
      'accept',
      { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['npm', 'test'] } },
      'cancel',
    ],
  },
  'item/fileChange/requestApproval': { ...origin, reason: null, grantRoot: null },
  'item/permissions/requestApproval': {
    ...origin,
    environmentId: 'local',
    cwd: '/repo',
    reason: 'to download',
    permissions: { network: { enabled: true }, fileSystem: { read: null, write: ['/extra'] } },
  },
  'mcpServer/elicitation/request': {
    threadId,
    turnId,
    serverName: 'bank',
    environmentId: null,
    mode: 'form',
    _meta: null,
    message: 'Your name?',
    requestedSchema: {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    },
  },
  'item/tool/requestUserInput': {
    threadId,
    turnId,
    itemId: 'call_1',
    questions: [
      {
        id: 'colour',
        header: 'Colour',
        question: 'Which?',
        isOther: false,
        isSecret: false,
        options: [
          { label: 'red', description: 'warm' },
          { label: 'blue', description: 'cold' },
        ],
      },
      { id: 'why', header: 'Why', question: 'Why?', isOther: true, isSecret: true, options: null },
    ],
    isBlocking: false,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- codex-rs still sends it
    autoResolutionMs: null,
  },
  'item/tool/call': {
    threadId,
    turnId,
    callId: 'call_1',
    namespace: null,
    tool: 'lookup',
    arguments: {},
  },
  'account/chatgptAuthTokens/refresh': { reason: 'unauthorized' },
  'attestation/generate': {},
  'currentTime/read': { threadId },
  applyPatchApproval: {
    conversationId: threadId,
    callId: 'call_1',
    fileChanges: {},
    reason: null,
    grantRoot: null,
  },
  execCommandApproval: {
    conversationId: threadId,
    callId: 'call_1',
    approvalId: null,
    command: ['ls'],
    cwd: '/repo',
    reason: null,
    parsedCmd: [],
  },
};

/** The request that codex-rs sends before it calls a tool of an MCP server. */
export const mcpToolCall: Params['mcpServer/elicitation/request'] = {
  threadId,
  turnId,
  serverName: 'bank',
  environmentId: null,
  mode: 'form',
  _meta: {
    codex_approval_kind: 'mcp_tool_call',
    persist: ['session', 'always'],
    tool_name: 'pay',
    tool_description: 'pays',
    tool_params: { amount: 3 },
  },
  message: 'Allow the bank MCP server to run tool "pay"?',
  requestedSchema: { type: 'object', properties: {} },
};

export const changes: FileUpdateChange[] = [
  { path: '/repo/a.txt', kind: { type: 'add' }, diff: 'hello\n' },
];

/** A request of codex-rs with its sample parameters, some of them overridden. */
export function serverRequest<M extends keyof ServerRequests>(
  method: M,
  given: Partial<ServerRequests[M]['params']> = {},
): ServerRequest {
  return { id: 1, method, params: { ...params[method], ...given } } as unknown as ServerRequest;
}

/** The value that a handler gets for such a request, narrowed to the expected kind. */
export function asked<K extends ApprovalRequest['kind']>(
  kind: K,
  request: ServerRequest,
  signal: AbortSignal = new AbortController().signal,
): Extract<ApprovalRequest, { kind: K }> {
  const value = approvalRequestOf(request, {
    labels: { team: 'payments' },
    signal,
    changesOf: () => changes,
  });
  if (value?.kind !== kind) throw new Error(`The request is of kind ${value?.kind ?? 'none'}.`);
  return value as Extract<ApprovalRequest, { kind: K }>;
}
