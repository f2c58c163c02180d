import { ApprovalHandler } from './approval-handler.js';

/**
 * Declines everything, whatever it is. What happens when no handler is set.
 *
 * @example
 * ```ts
 * const careful = codex.thread().withApprovals(new DenyApprovals()).build();
 * for await (const event of careful.runStreamed('Do what it takes')) {
 *   if (event.type === 'approval.resolved') console.log(event.report.decision); // deny
 * }
 * ```
 */
export class DenyApprovals extends ApprovalHandler {}
