import { CodexError, ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import { ApprovalDecision, approvalVerdicts, type ApprovalVerdict } from './approval-decision.js';
import type { DecisionDetails } from './decision-input.js';

/**
 * Something codex-rs asks permission for, as a frozen value with the methods that decide it.
 *
 * Only what codex-rs honours for a kind of request can be decided: the other methods are not there for the compiler, and
 * throw `decision-not-possible` for everybody else. {@link DecidableRequest.decisions} lists what is possible for this one.
 */
export abstract class DecidableRequest {
  /** The thread that asks: for a sub-agent, the thread of the sub-agent. */
  readonly threadId: string;
  /** The thread whose turn it is for: for a sub-agent, the thread that it works for; else `threadId`. */
  readonly rootThreadId: string;
  /** The turn that asks, or null when codex-rs does not know. */
  readonly turnId: string | null;
  /** The item it is about, or null when there is none. */
  readonly itemId: string | null;
  /** The labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
  /** What can be decided, for a user interface to offer; `decide` takes each of them. */
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

  /** Which kind of request it is. */
  abstract readonly kind: string;

  /** Aborts when no decision is needed any more: it was decided elsewhere, the turn or the process ended, or it is too late. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** Refuses. The reason goes to telemetry and not to the model. */
  abstract deny(reason?: string): ApprovalDecision;

  /**
   * The decision of this name, for every kind of request: what a user interface gives back of `decisions`.
   *
   * @param given - why, or the reason and the answers: to questions by their ids, for `answer`; the fields of a form, for `allow`
   * @throws `CodexError` `decision-not-possible` if codex-rs does not honour it for this request
   * @throws `ValidationError` for another word, and for answers that are missing, not asked for or not valid
   *
   * @example
   * ```ts
   * const approvals = new AskApprovals(async (request) => {
   *   const { decision, by } = await askSomebody(request.kind, request.decisions);
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

  /** Leaves the decision to the next handler; where there is none, the request is declined. */
  pass(): ApprovalDecision {
    return this.decided('pass', undefined);
  }

  /** Ends the wait for a decision; the request is declined. @internal */
  withdraw(reason: CodexError): void {
    this.#withdrawal.abort(reason);
  }

  /** Not possible, unless a kind of request makes it so. @internal */
  protected allow(): ApprovalDecision {
    throw this.#impossible('allow');
  }

  /** Not possible, unless a kind of request makes it so. @internal */
  protected allowForSession(): ApprovalDecision {
    throw this.#impossible('allowForSession');
  }

  /** Not possible, unless a kind of request makes it so. @internal */
  protected allowAlwaysForAllThreads(): ApprovalDecision {
    throw this.#impossible('allowAlwaysForAllThreads');
  }

  /** Not possible, unless a kind of request makes it so. @internal */
  protected cancel(): ApprovalDecision {
    throw this.#impossible('cancel');
  }

  /** Not possible, unless a kind of request takes answers. @internal */
  protected decidedWith(
    decision: ApprovalVerdict,
    answers: Readonly<Record<string, unknown>> | undefined,
  ): ApprovalDecision {
    throw new ValidationError('approval decision', [
      {
        path: 'answers',
        reason: `are not asked for by "${decision}" of this ${this.kind} request, got ${shown(answers)}`,
      },
    ]);
  }

  /** A decision about this request, if it is possible. @internal */
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
      `codex-rs does not honour "${verdict}" for this ${this.kind} request: choose one of ${this.decisions.join(', ')}.`,
      { code: 'decision-not-possible' },
    );
  }
}

/** Where a request comes from. @internal */
export interface RequestOrigin {
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The thread whose turn it is for, if that is not the one that asks. */
  readonly rootThreadId?: string | undefined;
}

/** What a {@link DecidableRequest} is made of. @internal */
export interface DecidableRequestProps extends RequestOrigin {
  readonly threadId: string;
  readonly turnId: string | null;
  readonly itemId: string | null;
  readonly decisions: readonly ApprovalVerdict[];
}
