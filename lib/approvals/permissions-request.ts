import type {
  GrantedPermissionProfile,
  PermissionGrantScope,
  PermissionsRequestApprovalParams,
  PermissionsRequestApprovalResponse,
  RequestPermissionProfile,
} from '../protocol/index.js';
import type { ApprovalDecision } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

/** The model asks for more permissions than its sandbox gives, before it uses them. */
export class PermissionsRequest extends DecidableRequest {
  /** Tells the kinds of request apart. */
  readonly kind = 'permissions' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** What it asks for. */
  readonly permissions: RequestPermissionProfile;
  /** The model's own justification, or null. */
  readonly justification: string | null;
  /** Where it works. */
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

  /** Grants them until the turn ends: all of them, or the part that is given. codex-rs grants nothing that was not asked for. */
  override allow(granted?: GrantedPermissionProfile): ApprovalDecision {
    return this.decided('allow', this.#reply(granted, 'turn'));
  }

  /** Grants them as {@link PermissionsRequest.allow} does, for the rest of the session. */
  override allowForSession(granted?: GrantedPermissionProfile): ApprovalDecision {
    return this.decided('allowForSession', this.#reply(granted, 'session'));
  }

  /** Grants nothing; the model is told so, and goes on. */
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
