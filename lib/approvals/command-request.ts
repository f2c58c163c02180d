import type {
  AdditionalPermissionProfile,
  CommandAction,
  CommandExecutionApprovalDecision,
  CommandExecutionApprovalKind,
  CommandExecutionRequestApprovalParams,
  CommandExecutionRequestApprovalResponse,
  NetworkApprovalContext,
} from '../protocol/index.js';
import type { ApprovalDecision, ApprovalVerdict } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

type Wire = CommandExecutionApprovalDecision;

/** The agent wants to run a command, or to send input to a running one. */
export class CommandRequest extends DecidableRequest {
  /** Discriminator. */
  readonly kind = 'command' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** A command of the agent, a command of the user, or input for an open terminal. */
  readonly source: CommandExecutionApprovalKind;
  /** The whole command line including the shell, or null if codex-rs does not provide it. */
  readonly command: string | null;
  /** The working directory of the command, or null. */
  readonly workingDirectory: string | null;
  /** The model's own justification, or null. */
  readonly justification: string | null;
  /** The actions of the command as inferred by codex-rs, for display only. */
  readonly actions: readonly CommandAction[];
  /** The host that the command wants to reach, or null if the request is not about network access. */
  readonly network: NetworkApprovalContext | null;
  /** The permissions that the command requests in addition to the sandbox, or null. */
  readonly additionalPermissions: AdditionalPermissionProfile | null;
  /** The command prefix that {@link CommandRequest.allowAlwaysForAllThreads} allows, as words, or null. */
  readonly proposedRule: readonly string[] | null;

  /** @internal */
  constructor(params: CommandExecutionRequestApprovalParams, origin: RequestOrigin) {
    const { threadId, turnId, itemId } = params;
    super({ ...origin, threadId, turnId, itemId, decisions: decisionsFor(params) });
    this.source = sourceOf(params);
    this.command = params.command ?? null;
    this.workingDirectory = params.cwd ?? null;
    this.justification = params.reason ?? null;
    this.actions = params.commandActions ?? [];
    this.network = params.networkApprovalContext ?? null;
    this.additionalPermissions = params.additionalPermissions ?? null;
    this.proposedRule = params.proposedExecpolicyAmendment ?? null;
  }

  /** Allows this command once. */
  override allow(): ApprovalDecision {
    return this.decided('allow', reply('accept'));
  }

  /** Allows this exact command, now and whenever this thread requests it again. */
  override allowForSession(): ApprovalDecision {
    return this.decided('allowForSession', reply('acceptForSession'));
  }

  /**
   * Allows the command and writes {@link CommandRequest.proposedRule} to the rules of the `CODEX_HOME`. Commands with
   * this prefix then run without approval in every thread and every process that shares the home.
   */
  override allowAlwaysForAllThreads(): ApprovalDecision {
    const rule = [...(this.proposedRule ?? [])];
    return this.decided(
      'allowAlwaysForAllThreads',
      reply({ acceptWithExecpolicyAmendment: { execpolicy_amendment: rule } }),
    );
  }

  /** Rejects the command. The model is informed and continues. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', reply('decline'), reason);
  }

  /** Rejects the command and interrupts the turn. */
  override cancel(reason?: string): ApprovalDecision {
    return this.decided('cancel', reply('cancel'), reason);
  }
}

/** Older servers do not report the source. */
function sourceOf(
  params: Partial<CommandExecutionRequestApprovalParams>,
): CommandExecutionApprovalKind {
  return params.kind ?? 'command';
}

function reply(decision: Wire): CommandExecutionRequestApprovalResponse {
  return { decision };
}

/**
 * The decisions that codex-rs lists, and two that it honours without listing them: declining, and for a plain command
 * the session-wide permission.
 */
function decisionsFor(params: CommandExecutionRequestApprovalParams): ApprovalVerdict[] {
  const { availableDecisions: listed, networkApprovalContext, additionalPermissions } = params;
  const offers = (decision: Wire): boolean => listed?.includes(decision) ?? true;
  const offersRule =
    listed?.some(
      (offer) => typeof offer === 'object' && 'acceptWithExecpolicyAmendment' in offer,
    ) ?? true;
  const isPlain =
    offers('accept') &&
    sourceOf(params) === 'command' &&
    (networkApprovalContext ?? null) === null &&
    (additionalPermissions ?? null) === null;
  const verdicts: [ApprovalVerdict, boolean][] = [
    ['allow', offers('accept')],
    ['allowForSession', isPlain || listed?.includes('acceptForSession') === true],
    [
      'allowAlwaysForAllThreads',
      offersRule && (params.proposedExecpolicyAmendment?.length ?? 0) > 0,
    ],
    ['deny', true],
    ['cancel', offers('cancel')],
    ['pass', true],
  ];
  return verdicts.filter(([, isPossible]) => isPossible).map(([verdict]) => verdict);
}
