import type { ApprovalDecision } from './approval-decision.js';
import { ApprovalHandler } from './approval-handler.js';
import type { CommandRequest } from './command-request.js';
import type { FileChangeRequest } from './file-change-request.js';
import type { McpToolRequest } from './mcp-tool-request.js';
import type { PermissionsRequest } from './permissions-request.js';

/**
 * Allows every command, file change, permission and MCP tool call. Each decision covers one request only.
 *
 * Use it only in a disposable environment: the agent can leave its sandbox. Requests that need input from a user, such
 * as a form of an MCP server or a question of the model, are declined.
 *
 * @example
 * ```ts
 * const disposable = codex.thread().withApprovals(new AllowApprovals()).build();
 * for await (const event of disposable.runStreamed('Do what it takes')) {
 *   if (event.type === 'approval.resolved') console.log(event.report.decision); // allow
 * }
 * ```
 */
export class AllowApprovals extends ApprovalHandler {
  protected override command(request: CommandRequest): ApprovalDecision {
    return request.allow();
  }

  protected override fileChange(request: FileChangeRequest): ApprovalDecision {
    return request.allow();
  }

  protected override permissions(request: PermissionsRequest): ApprovalDecision {
    return request.allow();
  }

  protected override mcpToolCall(request: McpToolRequest): ApprovalDecision {
    return request.allow();
  }
}
