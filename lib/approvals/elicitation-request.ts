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

/** An MCP server asks the user something: to fill in a form, to visit a page, or to prove who they are. */
export class ElicitationRequest extends DecidableRequest {
  /** Tells the kinds of request apart. */
  readonly kind = 'elicitation' as const;
  /** The name of the MCP server in the configuration. */
  readonly serverName: string;
  /** The environment whose server it is, or null for a server of the whole thread; codex-rs before 0.171.0 names none. */
  readonly environmentId: string | null;
  /** What is asked for. A `userVerification` cannot be allowed by a program. */
  readonly mode: 'form' | 'url' | 'userVerification';
  /** The server's question. */
  readonly message: string;
  /** The JSON Schema of the form, or null for the other modes. */
  readonly requestedSchema: JsonValue;
  /** The page to visit, or null for the other modes. */
  readonly url: string | null;
  /** The server's own id of the visit, or null for the other modes. */
  readonly elicitationId: string | null;
  /** What else the server sent along. */
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
   * Answers the server: with the filled-in form, or, for a URL, with the word that the user has agreed to visit it.
   *
   * @throws `ValidationError` when a required field of the form is missing. The server checks the rest.
   */
  override allow(content: Readonly<Record<string, JsonValue>> = {}): ApprovalDecision {
    const problems = problemsOf(content, this.requestedSchema);
    if (problems.length > 0) throw new ValidationError('answer to the form', problems);
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

  /** Tells the server that the user declined; the turn goes on. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', reply('decline', null), reason);
  }

  /** Tells the server that the user dismissed the question; the turn goes on. */
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
      throw new TypeError('codex-rs sent an elicitation of a mode that is not known.');
  }
}

function problemsOf(content: unknown, schema: JsonValue): readonly ValidationProblem[] {
  if (!isPlainObject(content))
    return [{ path: '', reason: `must be an object with the fields, got ${shown(content)}` }];
  const required: unknown = isPlainObject(schema) ? schema.required : undefined;
  if (!Array.isArray(required)) return [];
  return required
    .filter((name) => typeof name === 'string')
    .filter((name) => content[name] === undefined || content[name] === null)
    .map((name) => ({ path: name, reason: 'is required' }));
}
