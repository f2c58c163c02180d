import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import { ApprovalDecision } from './approval-decision.js';
import { ApprovalHandler } from './approval-handler.js';
import type { ApprovalRequest } from './approval-request.js';

/**
 * Asks handlers in order and returns the first decision that is not `pass()`. If all handlers pass, it passes too.
 *
 * If a handler fails or is late, the request is declined and later handlers are not asked.
 *
 * @example
 * ```ts
 * const readers = new AskApprovals((request) =>
 *   request.kind === 'command' && request.command?.includes('git log') === true
 *     ? request.allow()
 *     : request.pass(),
 * );
 * const people = new AskApprovals((request) => {
 *   console.log('a person is asked'); // a person is asked
 *   return request.deny();
 * });
 * await codex.startThread({ approvals: new FirstMatch([readers, people]) }).run('Deploy it');
 * ```
 */
export class FirstMatch extends ApprovalHandler {
  readonly #handlers: readonly ApprovalHandler[];

  /** @throws `ValidationError` if an entry is not a handler */
  constructor(handlers: readonly ApprovalHandler[]) {
    super();
    const problems = handlers.flatMap((handler: unknown, index) =>
      isHandler(handler)
        ? []
        : [{ path: `[${index}]`, reason: `must be an approval handler, got ${shown(handler)}` }],
    );
    if (problems.length > 0) throw new ValidationError('FirstMatch', problems);
    this.#handlers = [...handlers];
  }

  protected override async judge(request: ApprovalRequest): Promise<ApprovalDecision> {
    for (const handler of this.#handlers) {
      request.signal.throwIfAborted();
      const decision = await handler.handle(request);
      if (!ApprovalDecision.isAbout(request, decision) || decision.verdict !== 'pass')
        return decision;
    }
    return request.pass();
  }
}

function isHandler(value: unknown): value is ApprovalHandler {
  return (
    typeof value === 'object' &&
    value !== null &&
    'handle' in value &&
    typeof value.handle === 'function'
  );
}
