import { CodexError } from '../errors.js';
import type { ThreadItem, TurnError } from '../protocol/index.js';
import { measured, type TurnMeasures } from './turn-measures.js';
import type { TurnUsage } from './usage.js';

/** The reason of a failed turn: a code that is stable across codex versions. */
export type TurnFailureReason =
  | 'authentication'
  | 'rate-limited'
  | 'usage-limit'
  | 'overloaded'
  | 'server-error'
  | 'connection-failed'
  | 'stream-disconnected'
  | 'context-window-exceeded'
  | 'model-not-found'
  | 'invalid-request'
  | 'policy'
  | 'sandbox'
  | 'other';

/** Properties of a {@link TurnFailedError}. @inline */
export interface TurnFailedErrorProps {
  /** The thread it ran on. */
  readonly threadId: string;
  /** The failed turn. */
  readonly turnId: string;
  /** codex-rs's own account. */
  readonly error: TurnError;
  /** The remedy, if it is more specific than the codex-rs message. */
  readonly explanation?: string | null;
  /** The items that completed before the failure. */
  readonly items: readonly ThreadItem[];
  /** The time a usage limit resets, if the provider reported it. */
  readonly resetsAt?: Date | null;
  /** Its times and its usage. */
  readonly measures?: TurnMeasures;
}

/**
 * A turn ended with status `failed`. `retryable` is true if running the same input again may help; `reason` is the cause.
 * The thread stays usable.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Fix it');
 * } catch (error) {
 *   if (!TurnFailedError.is(error)) throw error;
 *   console.log(error.reason, error.providerStatus, error.retryable); // rate-limited 429 true
 *   if (error.retryable) await thread.run('Fix it');
 * }
 * ```
 */
export class TurnFailedError extends CodexError implements TurnMeasures {
  static override readonly errorName: string = 'TurnFailedError';
  /** The reason, stable across codex versions. */
  readonly reason: TurnFailureReason;
  /** The HTTP status of the model provider, or null. */
  readonly providerStatus: number | null;
  /** The time an exhausted limit resets; null for other failures, and if the provider did not report it. */
  readonly resetsAt: Date | null;
  /** The thread it ran on; its next turn works. */
  readonly threadId: string;
  /** The failed turn. */
  readonly turnId: string;
  /** The items that completed before the failure, without partly streamed items. */
  readonly items: readonly ThreadItem[];
  /** The error as reported by codex-rs; if it has no `additionalDetails`, it has those of a retry. */
  readonly turnError: TurnError;
  readonly startedAt!: Date | null;
  readonly completedAt!: Date | null;
  readonly durationMs!: number | null;
  readonly usage!: TurnUsage | null;
  readonly threadUsage!: TurnUsage | null;
  readonly lastRequestUsage!: TurnUsage | null;
  readonly modelContextWindow!: number | null;

  constructor(props: TurnFailedErrorProps) {
    const failure = classify(props.error);
    const resetsAt = failure.reason === 'usage-limit' ? (props.resetsAt ?? null) : null;
    const words = (bodyOf(props.error) ?? props.error.message).replace(/\.$/, '');
    // The body of a refused request can be empty.
    const said = words.trim() === '' ? 'codex-rs does not name a cause' : words;
    const explanation = props.explanation ?? advice(failure, resetsAt);
    super(
      `The turn failed (${failure.reason}): ${said}${detailsOf(props.error, failure)}. ${explanation}`,
      {
        code: 'turn-failed',
        retryable: failure.retryable,
      },
    );
    this.reason = failure.reason;
    this.providerStatus = failure.status;
    this.resetsAt = resetsAt;
    this.threadId = props.threadId;
    this.turnId = props.turnId;
    this.items = props.items;
    Object.assign(this, props.measures ?? measured(null));
    this.turnError = props.error;
  }
}

/** The cause of a lost connection, such as a host that cannot be resolved. */
function detailsOf({ additionalDetails, message }: TurnError, { reason }: Failure): string {
  const isConnection = reason === 'connection-failed' || reason === 'stream-disconnected';
  if (!isConnection || additionalDetails === null || message.includes(additionalDetails)) return '';
  return ` (${additionalDetails.replace(/\.$/, '')})`;
}

interface Failure {
  readonly reason: TurnFailureReason;
  readonly retryable: boolean;
  readonly status: number | null;
}

const named: Readonly<Record<string, readonly [TurnFailureReason, boolean, number?]>> = {
  unauthorized: ['authentication', false, 401],
  usageLimitExceeded: ['usage-limit', false, 429],
  sessionBudgetExceeded: ['usage-limit', false],
  rateLimitExceeded: ['rate-limited', true, 429],
  serverOverloaded: ['overloaded', true],
  flexUnavailable: ['overloaded', true],
  policyCapacityUnavailable: ['overloaded', true],
  internalServerError: ['server-error', true],
  contextWindowExceeded: ['context-window-exceeded', false],
  modelNotFound: ['model-not-found', false],
  badRequest: ['invalid-request', false, 400],
  bioPolicy: ['policy', false],
  cyberPolicy: ['policy', false],
  misalignmentPolicyViolation: ['policy', false],
  inferenceHookDenied: ['policy', false],
  tooManyDenials: ['policy', false],
  sandboxError: ['sandbox', false],
};

const streamKinds = ['responseStreamDisconnected', 'responseStreamConnectionFailed'];

function classify(error: TurnError): Failure {
  const info = error.codexErrorInfo;
  if (typeof info === 'string') {
    const known = named[info];
    if (known !== undefined)
      return { reason: known[0], retryable: known[1], status: known[2] ?? null };
    // codex-rs has no separate kind for a broken stream or a 400: only the message differs.
    return /stream disconnected|idle timeout/i.test(error.message)
      ? { reason: 'stream-disconnected', retryable: true, status: null }
      : {
          reason: bodyOf(error) === null ? 'other' : 'invalid-request',
          retryable: false,
          status: null,
        };
  }
  if (info === null) return { reason: 'other', retryable: false, status: null };
  const [kind, detail] = Object.entries(info)[0] ?? ['', null];
  const status = statusIn(detail);
  if (status !== null) return { ...byStatus(status), status };
  if (streamKinds.includes(kind)) return { reason: 'stream-disconnected', retryable: true, status };
  return kind === 'httpConnectionFailed' || kind === 'responseTooManyFailedAttempts'
    ? { reason: 'connection-failed', retryable: true, status }
    : { reason: 'other', retryable: false, status };
}

/** The provider's message if codex-rs forwards the raw body of a refused request; otherwise null. */
function bodyOf({ message }: TurnError): string | null {
  if (!message.startsWith('{')) return null;
  try {
    const body = JSON.parse(message) as { error?: { message?: unknown } };
    return typeof body.error?.message === 'string' ? body.error.message : null;
  } catch {
    return null;
  }
}

function statusIn(detail: unknown): number | null {
  if (typeof detail !== 'object' || detail === null || !('httpStatusCode' in detail)) return null;
  return typeof detail.httpStatusCode === 'number' ? detail.httpStatusCode : null;
}

function byStatus(status: number): Omit<Failure, 'status'> {
  if (status === 401 || status === 403) return { reason: 'authentication', retryable: false };
  if (status === 429) return { reason: 'rate-limited', retryable: true };
  if (status >= 500) return { reason: 'server-error', retryable: true };
  return { reason: 'invalid-request', retryable: false };
}

function advice({ reason, retryable }: Failure, resetsAt: Date | null): string {
  if (reason === 'connection-failed')
    return 'Run it again, or set config: { features: { unbounded_connection_retries: true } } in the options of the client to let codex-rs wait for the network.';
  if (retryable) return 'Run it again: the failure may be temporary.';
  if (reason === 'authentication') return 'Check the API key or log in again.';
  if (reason === 'usage-limit')
    return `Wait ${resetsAt === null ? 'for the limit to reset' : `until ${resetsAt.toISOString()}`}, or raise the limit.`;
  return 'The same turn will fail again: change the input or the settings first.';
}
