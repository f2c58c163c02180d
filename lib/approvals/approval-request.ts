import type { FileUpdateChange, ServerRequest } from '../protocol/index.js';
import { frozen } from '../validation.js';
import { CommandRequest } from './command-request.js';
import type { RequestOrigin } from './decidable-request.js';
import { ElicitationRequest } from './elicitation-request.js';
import { FileChangeRequest } from './file-change-request.js';
import { McpToolRequest } from './mcp-tool-request.js';
import { PermissionsRequest } from './permissions-request.js';
import { UserInputRequest } from './user-input-request.js';

/** Anything a handler can be asked; `kind` tells which. */
export type ApprovalRequest =
  | CommandRequest
  | FileChangeRequest
  | PermissionsRequest
  | McpToolRequest
  | ElicitationRequest
  | UserInputRequest;

/** The kinds of request a handler can be asked. @inline */
export type ApprovalKind = ApprovalRequest['kind'];

/**
 * The value a handler gets for a request of codex-rs, or null when the request asks for no approval.
 *
 * @throws TypeError when the request lacks what a handler must know to decide.
 * @internal
 */
export function approvalRequestOf(
  request: ServerRequest,
  circumstances: ApprovalCircumstances,
): ApprovalRequest | null {
  // The values that are frozen are copies: turn events hold the same items.
  const value = read(structuredClone(request), circumstances);
  return value === null ? null : frozen(value);
}

/** Where a request comes from, and what is known besides it. @internal */
export interface ApprovalCircumstances extends RequestOrigin {
  /** The changes that an item proposes, or null when they are not known. */
  changesOf(threadId: string, itemId: string): readonly FileUpdateChange[] | null;
}

function read(
  request: ServerRequest,
  circumstances: ApprovalCircumstances,
): ApprovalRequest | null {
  const { method } = request;
  switch (method) {
    case 'item/commandExecution/requestApproval':
      return new CommandRequest(request.params, circumstances);
    case 'item/fileChange/requestApproval': {
      const { threadId, itemId } = request.params;
      const changes = circumstances.changesOf(threadId, itemId) as FileUpdateChange[] | null;
      if (changes === null) throw new TypeError(`The changes of item ${itemId} are not known.`);
      return new FileChangeRequest(request.params, structuredClone(changes), circumstances);
    }
    case 'item/permissions/requestApproval':
      return new PermissionsRequest(request.params, circumstances);
    case 'mcpServer/elicitation/request': {
      const meta = McpToolRequest.metaOf(request.params);
      return meta === null
        ? new ElicitationRequest(request.params, circumstances)
        : new McpToolRequest(request.params, meta, circumstances);
    }
    case 'item/tool/requestUserInput':
      return new UserInputRequest(request.params, circumstances);
    // The last two are the approvals of the protocol's first version: codex-rs sends them to no thread of this version.
    case 'item/tool/call':
    case 'account/chatgptAuthTokens/refresh':
    case 'attestation/generate':
    case 'currentTime/read':
    case 'applyPatchApproval':
    case 'execCommandApproval':
      return null;
    default:
      method satisfies never;
      return null;
  }
}
