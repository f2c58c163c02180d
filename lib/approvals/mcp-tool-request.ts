import type {
  JsonValue,
  McpServerElicitationRequestParams,
  McpServerElicitationRequestResponse,
} from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import type { ApprovalDecision, ApprovalVerdict } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

type Params = McpServerElicitationRequestParams;

/**
 * The agent wants to call a tool of an MCP server.
 *
 * codex-rs sends the request as an elicitation with a mark, but it also forwards such a mark from a server. Trust only
 * {@link McpToolRequest.serverName}: the server may have forged the rest to obtain permission.
 */
export class McpToolRequest extends DecidableRequest {
  /** Discriminator. */
  readonly kind = 'mcpToolCall' as const;
  /** The name of the MCP server in the configuration. */
  readonly serverName: string;
  /**
   * The environment of the server, or null for a server of the whole thread. codex-rs before 0.171.0 does not report
   * it.
   */
  readonly environmentId: string | null;
  /** The tool. */
  readonly toolName: string;
  /** The server's description of the tool, or null. */
  readonly toolDescription: string | null;
  /** The arguments of the call, or null if codex-rs does not provide them. */
  readonly arguments: JsonValue;
  /** The question in codex-rs's words. */
  readonly message: string;

  /** @internal */
  constructor(params: Params, meta: McpToolCallMeta, origin: RequestOrigin) {
    const { threadId, turnId } = params;
    super({ ...origin, threadId, turnId, itemId: null, decisions: decisionsFor(meta) });
    this.serverName = params.serverName;
    this.environmentId = params.environmentId ?? null;
    this.toolName = meta.tool_name;
    this.toolDescription = typeof meta.tool_description === 'string' ? meta.tool_description : null;
    this.arguments = meta.tool_params ?? null;
    this.message = 'message' in params ? params.message : '';
  }

  /**
   * Returns the mark of an elicitation that asks for permission to call a tool, or null for other elicitations.
   *
   * @internal
   */
  static metaOf(params: Params): McpToolCallMeta | null {
    const meta: unknown = params._meta;
    if (params.mode !== 'form' || !isPlainObject(meta)) return null;
    if (meta.codex_approval_kind !== 'mcp_tool_call') return null;
    // A question of codex-rs has no fields. An elicitation with fields needs an answer, regardless of its mark.
    if (Object.keys(params.requestedSchema.properties).length > 0) return null;
    return typeof meta.tool_name === 'string' ? (meta as unknown as McpToolCallMeta) : null;
  }

  /** Allows the call once. */
  override allow(): ApprovalDecision {
    return this.decided('allow', accepted(null));
  }

  /** Allows the call, and later calls of the tool in this thread without approval. */
  override allowForSession(): ApprovalDecision {
    return this.decided('allowForSession', accepted('session'));
  }

  /**
   * Allows the call and records in the `config.toml` of the `CODEX_HOME` that the tool needs no approval. Every thread
   * and every process that shares the home can then call it without approval.
   */
  override allowAlwaysForAllThreads(): ApprovalDecision {
    return this.decided('allowAlwaysForAllThreads', accepted('always'));
  }

  /** Rejects the call. The model is informed that the user rejected it, and continues. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', { action: 'decline', content: null, _meta: null }, reason);
  }

  /** Rejects the call. The model is informed that the user cancelled it. Unlike for a command, the turn continues. */
  override cancel(reason?: string): ApprovalDecision {
    return this.decided('cancel', { action: 'cancel', content: null, _meta: null }, reason);
  }
}

/** The mark on an elicitation that asks for permission to call a tool. @internal */
export interface McpToolCallMeta {
  readonly tool_name: string;
  readonly tool_description?: unknown;
  readonly tool_params?: JsonValue;
  readonly persist?: unknown;
}

function accepted(persist: 'session' | 'always' | null): McpServerElicitationRequestResponse {
  return { action: 'accept', content: {}, _meta: persist === null ? null : { persist } };
}

function decisionsFor({ persist }: McpToolCallMeta): ApprovalVerdict[] {
  const offered: readonly unknown[] = Array.isArray(persist) ? persist : [persist];
  return [
    'allow',
    ...(offered.includes('session') ? (['allowForSession'] as const) : []),
    ...(offered.includes('always') ? (['allowAlwaysForAllThreads'] as const) : []),
    'deny',
    'cancel',
    'pass',
  ];
}
