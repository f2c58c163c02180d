/** All verdicts that some kind of request accepts. @internal */
export const approvalVerdicts = [
  'allow',
  'allowForSession',
  'allowAlwaysForAllThreads',
  'answer',
  'deny',
  'cancel',
  'pass',
] as const satisfies readonly ApprovalVerdict[];

/**
 * The verdict of a decision. `pass` leaves the decision to the next handler of a `FirstMatch`; without one, the request
 * is declined.
 *
 * @inline
 */
export type ApprovalVerdict =
  'allow' | 'allowForSession' | 'allowAlwaysForAllThreads' | 'answer' | 'deny' | 'cancel' | 'pass';

/**
 * A decision about one request, created by a method of the request. It is valid for that request only.
 *
 * The reason goes to telemetry only. The protocol has no field for it, so the model learns only that the request was
 * rejected.
 */
export class ApprovalDecision {
  /** The verdict. */
  readonly verdict: ApprovalVerdict;
  /** The reason, for telemetry, or null. */
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

  /** The reply to codex-rs, or undefined to decline. @internal */
  get reply(): object | undefined {
    return this.#reply;
  }

  /** Returns the same decision with a reason. @internal */
  because(reason: string): ApprovalDecision {
    const { verdict } = this;
    return new ApprovalDecision({
      verdict,
      reason,
      request: this.#request,
      reply: this.#reply,
    });
  }

  /** Whether a value is a decision about this request. @internal */
  static isAbout(request: object, value: unknown): value is ApprovalDecision {
    return value instanceof ApprovalDecision && value.#request === request;
  }
}

/** Properties of an {@link ApprovalDecision}. @internal */
export interface ApprovalDecisionProps {
  readonly verdict: ApprovalVerdict;
  readonly reason: string | null;
  readonly request: object;
  readonly reply: object | undefined;
}
