import { ApprovalHandler } from './approval-handler.js';

/**
 * Declines every request. This is the default if no handler is set.
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
