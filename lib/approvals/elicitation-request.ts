import { ValidationError, type ValidationProblem } from '../errors.js';
import type {
  JsonValue,
  McpServerElicitationAction,
  McpServerElicitationRequestParams,
  McpServerElicitationRequestResponse,
} from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import { shown } from '../validation.js';
import type { ApprovalDecision, ApprovalVerdict } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

/** An MCP server asks the user to fill in a form, to visit a page, or to verify their identity. */
export class ElicitationRequest extends DecidableRequest {
  /** Discriminator. */
  readonly kind = 'elicitation' as const;
  /** The name of the MCP server in the configuration. */
  readonly serverName: string;
  /**
   * The environment of the server, or null for a server of the whole thread. codex-rs before 0.171.0 does not report
   * it.
   */
  readonly environmentId: string | null;
  /** The kind of elicitation. A program cannot allow a `userVerification`. */
  readonly mode: 'form' | 'url' | 'userVerification';
  /** The server's question. */
  readonly message: string;
  /** The JSON Schema of the form, or null for the other modes. */
  readonly requestedSchema: JsonValue;
  /** The page to visit, or null for the other modes. */
  readonly url: string | null;
  /** The server's id of the visit, or null for the other modes. */
  readonly elicitationId: string | null;
  /** Additional data from the server. */
  readonly meta: JsonValue;

  /** @internal */
  constructor(params: McpServerElicitationRequestParams, origin: RequestOrigin) {
    const { threadId, turnId } = params;
    const mode = modeOf(params);
    super({
      ...origin,
      threadId,
      turnId,
      itemId: null,
      decisions:
        mode === 'userVerification'
          ? ['deny', 'cancel', 'pass']
          : ['allow', 'deny', 'cancel', 'pass'],
    });
    this.serverName = params.serverName;
    this.environmentId = params.environmentId ?? null;
    this.mode = mode;
    this.message = 'message' in params ? params.message : `${params.title}: ${params.description}`;
    this.requestedSchema =
      'requestedSchema' in params ? (params.requestedSchema as JsonValue) : null;
    this.url = 'url' in params ? params.url : null;
    this.elicitationId = 'elicitationId' in params ? params.elicitationId : null;
    this.meta = params._meta;
  }

  /**
   * Answers the server with the content of the form or, for a URL, with the user's consent to visit it.
   *
   * @throws `ValidationError` if a required field of the form is missing. The server checks the rest.
   */
  override allow(content: Readonly<Record<string, JsonValue>> = {}): ApprovalDecision {
    const problems = problemsOf(content, this.requestedSchema);
    if (problems.length > 0) throw new ValidationError('form answer', problems);
    return this.decided('allow', reply('accept', this.mode === 'form' ? { ...content } : null));
  }

  /** @internal */
  protected override decidedWith(
    decision: ApprovalVerdict,
    answers: Readonly<Record<string, unknown>> | undefined,
  ): ApprovalDecision {
    return decision === 'allow' && this.mode === 'form'
      ? this.allow(answers as Readonly<Record<string, JsonValue>>)
      : super.decidedWith(decision, answers);
  }

  /** Informs the server that the user declined. The turn continues. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', reply('decline', null), reason);
  }

  /** Informs the server that the user dismissed the question. The turn continues. */
  override cancel(reason?: string): ApprovalDecision {
    return this.decided('cancel', reply('cancel', null), reason);
  }
}

function reply(
  action: McpServerElicitationAction,
  content: JsonValue,
): McpServerElicitationRequestResponse {
  return { action, content, _meta: null };
}

function modeOf(params: McpServerElicitationRequestParams): ElicitationRequest['mode'] {
  switch (params.mode) {
    case 'form':
    case 'openai/form':
    case 'openaiForm':
      return 'form';
    case 'url':
      return 'url';
    case 'openai/userVerification':
      return 'userVerification';
    default:
      params satisfies never;
      throw new TypeError('codex-rs sent an elicitation with an unknown mode.');
  }
}

function problemsOf(content: unknown, schema: JsonValue): readonly ValidationProblem[] {
  if (!isPlainObject(content))
    return [
      { path: '', reason: `must be an object with the fields of the form, got ${shown(content)}` },
    ];
  const required: unknown = isPlainObject(schema) ? schema.required : undefined;
  if (!Array.isArray(required)) return [];
  return required
    .filter((name) => typeof name === 'string')
    .filter((name) => content[name] === undefined || content[name] === null)
    .map((name) => ({ path: name, reason: 'is required' }));
}
