import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import type { ApprovalDecision } from './approval-decision.js';
import { ApprovalHandler, type ApprovalHandlerOptions, type Deciding } from './approval-handler.js';
import type { ApprovalRequest } from './approval-request.js';

/**
 * Passes every request to one function. `request.kind` distinguishes the requests.
 *
 * @example
 * ```ts
 * const approvals = new AskApprovals((request) => {
 *   if (request.kind !== 'command') return request.deny('only commands');
 *   console.log(request.command?.includes('deploy')); // true
 *   return request.allow();
 * });
 * await codex.startThread({ approvals }).run('Deploy it');
 * ```
 */
export class AskApprovals extends ApprovalHandler {
  readonly #ask: (request: ApprovalRequest) => Deciding;

  /** @throws `ValidationError` if `ask` is not a function, or `timeoutMs` is out of range */
  constructor(ask: (request: ApprovalRequest) => Deciding, options: ApprovalHandlerOptions = {}) {
    super(options);
    if (typeof ask !== 'function')
      throw new ValidationError('AskApprovals', [
        { path: 'ask', reason: `must be a function, got ${shown(ask)}` },
      ]);
    this.#ask = ask;
  }

  protected override async judge(request: ApprovalRequest): Promise<ApprovalDecision> {
    return this.#ask(request);
  }
}
