import { ApprovalHandler } from './approval-handler.js';

/** Declines everything, whatever it is. What happens when no handler is set. */
export class DenyApprovals extends ApprovalHandler {}
