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
 * codex-rs asks in the form of an elicitation and marks it as its own, but it also passes on such a mark from a server. Trust
 * {@link McpToolRequest.serverName}; the rest is what that server may have made up to be told yes.
 */
export class McpToolRequest extends DecidableRequest {
  /** Tells the kinds of request apart. */
  readonly kind = 'mcpToolCall' as const;
  /** The name of the MCP server in the configuration. */
  readonly serverName: string;
  /** The environment whose server it is, or null for a server of the whole thread; codex-rs before 0.171.0 names none. */
  readonly environmentId: string | null;
  /** The tool. */
  readonly toolName: string;
  /** What the server says about the tool, or null. */
  readonly toolDescription: string | null;
  /** The arguments of the call, or null when codex-rs gives none. */
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

  /** What marks an elicitation as the permission to call a tool, or null when it is another one. @internal */
  static metaOf(params: Params): McpToolCallMeta | null {
    const meta: unknown = params._meta;
    if (params.mode !== 'form' || !isPlainObject(meta)) return null;
    if (meta.codex_approval_kind !== 'mcp_tool_call') return null;
    // codex-rs's own question has no fields: one that has some wants an answer, whatever its mark says.
    if (Object.keys(params.requestedSchema.properties).length > 0) return null;
    return typeof meta.tool_name === 'string' ? (meta as unknown as McpToolCallMeta) : null;
  }

  /** Calls the tool, once. */
  override allow(): ApprovalDecision {
    return this.decided('allow', accepted(null));
  }

  /** Calls the tool, and lets this thread call it again unasked. */
  override allowForSession(): ApprovalDecision {
    return this.decided('allowForSession', accepted('session'));
  }

  /**
   * Calls the tool, and writes to the `config.toml` of the `CODEX_HOME` that it needs no approval: it is called unasked
   * from now on, in every thread and every process that shares it.
   */
  override allowAlwaysForAllThreads(): ApprovalDecision {
    return this.decided('allowAlwaysForAllThreads', accepted('always'));
  }

  /** Does not call the tool; the model is told that the user rejected the call, and goes on. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', { action: 'decline', content: null, _meta: null }, reason);
  }

  /** Does not call the tool; the model is told that the user cancelled the call. Unlike for a command, the turn goes on. */
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
