import type {
  GrantedPermissionProfile,
  PermissionGrantScope,
  PermissionsRequestApprovalParams,
  PermissionsRequestApprovalResponse,
  RequestPermissionProfile,
} from '../protocol/index.js';
import type { ApprovalDecision } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

/** The model requests permissions beyond its sandbox, before it uses them. */
export class PermissionsRequest extends DecidableRequest {
  /** Discriminator. */
  readonly kind = 'permissions' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** The requested permissions. */
  readonly permissions: RequestPermissionProfile;
  /** The model's own justification, or null. */
  readonly justification: string | null;
  /** The working directory of the agent. */
  readonly workingDirectory: string;

  /** @internal */
  constructor(params: PermissionsRequestApprovalParams, origin: RequestOrigin) {
    const { threadId, turnId, itemId } = params;
    super({
      ...origin,
      threadId,
      turnId,
      itemId,
      decisions: ['allow', 'allowForSession', 'deny', 'pass'],
    });
    this.permissions = params.permissions;
    this.justification = params.reason ?? null;
    this.workingDirectory = params.cwd;
  }

  /**
   * Grants the permissions until the turn ends: all of them, or only `granted`. codex-rs grants only requested
   * permissions.
   */
  override allow(granted?: GrantedPermissionProfile): ApprovalDecision {
    return this.decided('allow', this.#reply(granted, 'turn'));
  }

  /** Grants the permissions like {@link PermissionsRequest.allow}, for the rest of the session. */
  override allowForSession(granted?: GrantedPermissionProfile): ApprovalDecision {
    return this.decided('allowForSession', this.#reply(granted, 'session'));
  }

  /** Grants no permission. The model is informed and continues. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', this.#reply({}, 'turn'), reason);
  }

  #reply(
    granted: GrantedPermissionProfile | undefined,
    scope: PermissionGrantScope,
  ): PermissionsRequestApprovalResponse {
    const { network, fileSystem } = this.permissions;
    const all = {
      ...(network === null ? {} : { network }),
      ...(fileSystem === null ? {} : { fileSystem }),
    };
    return { permissions: granted ?? all, scope };
  }
}
