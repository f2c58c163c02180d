/** Everything that can be decided of some request. @internal */
export const approvalVerdicts = [
  'allow',
  'allowForSession',
  'allowAlwaysForAllThreads',
  'answer',
  'deny',
  'cancel',
  'pass',
] as const satisfies readonly ApprovalVerdict[];

/** What was decided. `pass` leaves the decision to the next handler of a `FirstMatch`; without one it declines. @inline */
export type ApprovalVerdict =
  'allow' | 'allowForSession' | 'allowAlwaysForAllThreads' | 'answer' | 'deny' | 'cancel' | 'pass';

/**
 * A decision about one request, made by one of the request's own methods. It counts for that request only.
 *
 * The reason goes to telemetry. codex-rs has no place for it, so the model never sees it: it only learns that it was refused.
 */
export class ApprovalDecision {
  /** What was decided. */
  readonly verdict: ApprovalVerdict;
  /** Why, for telemetry, or null. */
  readonly reason: string | null;
  readonly #request: object;
  readonly #reply: object | undefined;

  /** @internal */
  constructor(props: ApprovalDecisionProps) {
    this.verdict = props.verdict;
    this.reason = props.reason;
    this.#request = props.request;
    this.#reply = props.reply;
    Object.freeze(this);
  }

  /** What codex-rs is told, or undefined to decline. @internal */
  get reply(): object | undefined {
    return this.#reply;
  }

  /** The same decision, with a reason. @internal */
  because(reason: string): ApprovalDecision {
    const { verdict } = this;
    return new ApprovalDecision({
      verdict,
      reason,
      request: this.#request,
      reply: this.#reply,
    });
  }

  /** Whether a value is a decision about this very request. @internal */
  static isAbout(request: object, value: unknown): value is ApprovalDecision {
    return value instanceof ApprovalDecision && value.#request === request;
  }
}

/** What an {@link ApprovalDecision} is made of. @internal */
export interface ApprovalDecisionProps {
  readonly verdict: ApprovalVerdict;
  readonly reason: string | null;
  readonly request: object;
  readonly reply: object | undefined;
}
