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

/** The agent wants to run a command, or to type into one that runs. */
export class CommandRequest extends DecidableRequest {
  /** Tells the kinds of request apart. */
  readonly kind = 'command' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** A command of the agent's, one of the user's, or input for a terminal that is open. */
  readonly source: CommandExecutionApprovalKind;
  /** The whole command line, shell included, or null when codex-rs gives none. */
  readonly command: string | null;
  /** Where it would run, or null. */
  readonly workingDirectory: string | null;
  /** The model's own justification, or null. */
  readonly justification: string | null;
  /** What codex-rs believes the command does; a guess, for display. */
  readonly actions: readonly CommandAction[];
  /** The host that the command wants to reach, when that is the question, or null. */
  readonly network: NetworkApprovalContext | null;
  /** The permissions that the command wants besides the sandbox, or null. */
  readonly additionalPermissions: AdditionalPermissionProfile | null;
  /** The words a command must begin with to be allowed by {@link CommandRequest.allowAlwaysForAllThreads}, or null. */
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

  /** Lets this command run, once. */
  override allow(): ApprovalDecision {
    return this.decided('allow', reply('accept'));
  }

  /** Lets this very command run, now and whenever this thread asks for it again. */
  override allowForSession(): ApprovalDecision {
    return this.decided('allowForSession', reply('acceptForSession'));
  }

  /**
   * Lets the command run and writes {@link CommandRequest.proposedRule} to the rules of the `CODEX_HOME`: commands that
   * begin like this run unasked from now on, in every thread and every process that shares it.
   */
  override allowAlwaysForAllThreads(): ApprovalDecision {
    const rule = [...(this.proposedRule ?? [])];
    return this.decided(
      'allowAlwaysForAllThreads',
      reply({ acceptWithExecpolicyAmendment: { execpolicy_amendment: rule } }),
    );
  }

  /** Does not run the command; the model is told that it was rejected, and goes on. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', reply('decline'), reason);
  }

  /** Does not run the command, and interrupts the turn. */
  override cancel(reason?: string): ApprovalDecision {
    return this.decided('cancel', reply('cancel'), reason);
  }
}

/** Older servers do not say. */
function sourceOf(
  params: Partial<CommandExecutionRequestApprovalParams>,
): CommandExecutionApprovalKind {
  return params.kind ?? 'command';
}

function reply(decision: Wire): CommandExecutionRequestApprovalResponse {
  return { decision };
}

/**
 * What codex-rs lists, and two decisions that it honours without listing them: declining, and for a plain command the
 * session-wide permission.
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
