import type {
  FileChangeApprovalDecision,
  FileChangeRequestApprovalParams,
  FileChangeRequestApprovalResponse,
  FileUpdateChange,
} from '../protocol/index.js';
import type { ApprovalDecision } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

/** The agent wants to change files. The changes come with it: a file change whose diff is unknown is declined unasked. */
export class FileChangeRequest extends DecidableRequest {
  /** Tells the kinds of request apart. */
  readonly kind = 'fileChange' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** Each file with what would become of it, and the diff. */
  readonly changes: readonly FileUpdateChange[];
  /** Why codex-rs asks, or null. */
  readonly justification: string | null;
  /** A directory in which the agent wants to write for the rest of the session, or null. */
  readonly grantRoot: string | null;

  /** @internal */
  constructor(
    params: FileChangeRequestApprovalParams,
    changes: readonly FileUpdateChange[],
    origin: RequestOrigin,
  ) {
    const { threadId, turnId, itemId } = params;
    super({
      ...origin,
      threadId,
      turnId,
      itemId,
      decisions: ['allow', 'allowForSession', 'deny', 'cancel', 'pass'],
    });
    this.changes = changes;
    this.justification = params.reason ?? null;
    this.grantRoot = params.grantRoot ?? null;
  }

  /** Makes these changes. */
  override allow(): ApprovalDecision {
    return this.decided('allow', reply('accept'));
  }

  /** Makes these changes, and lets this thread change the same files again unasked. */
  override allowForSession(): ApprovalDecision {
    return this.decided('allowForSession', reply('acceptForSession'));
  }

  /** Changes nothing; the model is told that the patch was rejected, and goes on. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', reply('decline'), reason);
  }

  /** Changes nothing, and interrupts the turn. */
  override cancel(reason?: string): ApprovalDecision {
    return this.decided('cancel', reply('cancel'), reason);
  }
}

function reply(decision: FileChangeApprovalDecision): FileChangeRequestApprovalResponse {
  return { decision };
}
