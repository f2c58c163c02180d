import type { FileUpdateChange, ServerRequest } from '../protocol/index.js';
import { frozen } from '../validation.js';
import { CommandRequest } from './command-request.js';
import type { RequestOrigin } from './decidable-request.js';
import { ElicitationRequest } from './elicitation-request.js';
import { FileChangeRequest } from './file-change-request.js';
import { McpToolRequest } from './mcp-tool-request.js';
import { PermissionsRequest } from './permissions-request.js';
import { UserInputRequest } from './user-input-request.js';

/** A request to a handler, discriminated by `kind`. */
export type ApprovalRequest =
  | CommandRequest
  | FileChangeRequest
  | PermissionsRequest
  | McpToolRequest
  | ElicitationRequest
  | UserInputRequest;

/** The kinds of request to a handler. @inline */
export type ApprovalKind = ApprovalRequest['kind'];

/**
 * Returns the value that a handler receives for a request of codex-rs, or null if the request does not need an
 * approval.
 *
 * @throws TypeError if the request lacks information that a handler needs to decide.
 * @internal
 */
export function approvalRequestOf(
  request: ServerRequest,
  circumstances: ApprovalCircumstances,
): ApprovalRequest | null {
  // Copy before freezing, because turn events share the items.
  const value = read(structuredClone(request), circumstances);
  return value === null ? null : frozen(value);
}

/** The origin of a request, and related state. @internal */
export interface ApprovalCircumstances extends RequestOrigin {
  /** The changes that an item proposes, or null if they are unknown. */
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
      if (changes === null) throw new TypeError(`The file changes of item ${itemId} are unknown.`);
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
    // The last two are approvals of protocol version 1, which codex-rs does not send to threads of this version.
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
