import type {
  FileChangeApprovalDecision,
  FileChangeRequestApprovalParams,
  FileChangeRequestApprovalResponse,
  FileUpdateChange,
} from '../protocol/index.js';
import type { ApprovalDecision } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

/**
 * The agent wants to change files. The request includes the changes: a file change with an unknown diff is declined
 * automatically.
 */
export class FileChangeRequest extends DecidableRequest {
  /** Discriminator. */
  readonly kind = 'fileChange' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** Each file with the kind of change and the diff. */
  readonly changes: readonly FileUpdateChange[];
  /** The reason for the request, or null. */
  readonly justification: string | null;
  /** A directory that the agent wants to write to for the rest of the session, or null. */
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

  /** Allows these changes. */
  override allow(): ApprovalDecision {
    return this.decided('allow', reply('accept'));
  }

  /** Allows these changes, and later changes of the same files in this thread without approval. */
  override allowForSession(): ApprovalDecision {
    return this.decided('allowForSession', reply('acceptForSession'));
  }

  /** Rejects the changes. The model is informed that the patch was rejected, and continues. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', reply('decline'), reason);
  }

  /** Rejects the changes and interrupts the turn. */
  override cancel(reason?: string): ApprovalDecision {
    return this.decided('cancel', reply('cancel'), reason);
  }
}

function reply(decision: FileChangeApprovalDecision): FileChangeRequestApprovalResponse {
  return { decision };
}
