import { CodexError, ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import { ApprovalDecision, approvalVerdicts, type ApprovalVerdict } from './approval-decision.js';
import type { DecisionDetails } from './decision-input.js';

/**
 * A request of codex-rs for permission: a frozen value with methods that decide it.
 *
 * A kind of request has only the methods whose decisions codex-rs honours. In TypeScript, the other methods are hidden;
 * in JavaScript, they throw `decision-not-possible`. {@link DecidableRequest.decisions} lists the possible decisions of
 * a request.
 */
export abstract class DecidableRequest {
  /** The requesting thread; for a sub-agent, the thread of the sub-agent. */
  readonly threadId: string;
  /** The thread that owns the turn: for a sub-agent, the thread that it works for; otherwise `threadId`. */
  readonly rootThreadId: string;
  /** The requesting turn, or null if codex-rs does not know it. */
  readonly turnId: string | null;
  /** The item of the request, or null if there is none. */
  readonly itemId: string | null;
  /** The labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
  /** The possible decisions, for a user interface. `decide` accepts each of them. */
  readonly decisions: readonly ApprovalVerdict[];
  readonly #withdrawal = new AbortController();
  readonly #signal: AbortSignal;

  /** @internal */
  constructor(props: DecidableRequestProps) {
    this.threadId = props.threadId;
    this.rootThreadId = props.rootThreadId ?? props.threadId;
    this.turnId = props.turnId;
    this.itemId = props.itemId;
    this.labels = { ...props.labels };
    this.decisions = props.decisions;
    this.#signal = AbortSignal.any([props.signal, this.#withdrawal.signal]);
  }

  /** The kind of request. */
  abstract readonly kind: string;

  /**
   * Aborts when no decision is needed any longer: the request was decided elsewhere, the turn or the process ended, or
   * the time limit has passed.
   */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** Denies the request. The reason goes to telemetry and not to the model. */
  abstract deny(reason?: string): ApprovalDecision;

  /**
   * Returns the decision with this name, for every kind of request. A user interface passes one of `decisions`.
   *
   * @param given - the reason, or the reason with answers: to questions by their ids, for `answer`; the fields of a
   * form, for `allow`
   * @throws `CodexError` `decision-not-possible` if codex-rs does not honour it for this request
   * @throws `ValidationError` for an unknown decision, and for missing, unexpected or invalid answers
   *
   * @example
   * ```ts
   * const approvals = new AskApprovals(async (request) => {
   *   const { decision, by } = await askUser(request.kind, request.decisions);
   *   return request.decide(decision, `decided by ${by}`);
   * });
   * await codex.startThread({ approvals }).run('Deploy it');
   * ```
   */
  decide(decision: ApprovalVerdict, given: string | DecisionDetails = {}): ApprovalDecision {
    const { reason, answers } = typeof given === 'string' ? { reason: given } : given;
    if (!approvalVerdicts.includes(decision))
      throw new ValidationError('approval decision', [
        {
          path: 'decision',
          reason: `must be one of ${this.decisions.join(', ')}, got ${shown(decision)}`,
        },
      ]);
    if (!this.decisions.includes(decision)) throw this.#impossible(decision);
    const made =
      answers === undefined && decision !== 'answer'
        ? this[decision]()
        : this.decidedWith(decision, answers);
    return reason === undefined ? made : made.because(reason);
  }

  /** Leaves the decision to the next handler. Without one, the request is declined. */
  pass(): ApprovalDecision {
    return this.decided('pass', undefined);
  }

  /** Ends the wait for a decision and declines the request. @internal */
  withdraw(reason: CodexError): void {
    this.#withdrawal.abort(reason);
  }

  /** Not possible unless a subclass overrides it. @internal */
  protected allow(): ApprovalDecision {
    throw this.#impossible('allow');
  }

  /** Not possible unless a subclass overrides it. @internal */
  protected allowForSession(): ApprovalDecision {
    throw this.#impossible('allowForSession');
  }

  /** Not possible unless a subclass overrides it. @internal */
  protected allowAlwaysForAllThreads(): ApprovalDecision {
    throw this.#impossible('allowAlwaysForAllThreads');
  }

  /** Not possible unless a subclass overrides it. @internal */
  protected cancel(): ApprovalDecision {
    throw this.#impossible('cancel');
  }

  /** Not possible unless a subclass accepts answers. @internal */
  protected decidedWith(
    decision: ApprovalVerdict,
    answers: Readonly<Record<string, unknown>> | undefined,
  ): ApprovalDecision {
    throw new ValidationError('approval decision', [
      {
        path: 'answers',
        reason: `are not accepted by "${decision}" for this ${this.kind} request, got ${shown(answers)}`,
      },
    ]);
  }

  /** Returns a decision about this request, if it is possible. @internal */
  protected decided(
    verdict: ApprovalVerdict,
    reply: object | undefined,
    reason?: string,
  ): ApprovalDecision {
    if (!this.decisions.includes(verdict)) throw this.#impossible(verdict);
    return new ApprovalDecision({ verdict, reason: reason ?? null, request: this, reply });
  }

  #impossible(verdict: ApprovalVerdict): CodexError {
    return new CodexError(
      `codex-rs does not support "${verdict}" for this ${this.kind} request: choose one of ${this.decisions.join(', ')}.`,
      { code: 'decision-not-possible' },
    );
  }
}

/** The origin of a request. @internal */
export interface RequestOrigin {
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The thread that owns the turn, if it is not the requesting thread. */
  readonly rootThreadId?: string | undefined;
}

/** Properties of a {@link DecidableRequest}. @internal */
export interface DecidableRequestProps extends RequestOrigin {
  readonly threadId: string;
  readonly turnId: string | null;
  readonly itemId: string | null;
  readonly decisions: readonly ApprovalVerdict[];
}
