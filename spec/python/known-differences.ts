import type { KnownDifference } from './differences.js';

/** Where our requests differ from Python's on purpose. */
export const requestDeviations: readonly KnownDifference[] = [
  {
    where: 'initialize.clientInfo.name',
    reason: 'Each client says who it is; codex-rs makes it the originator of new threads.',
  },
  { where: 'initialize.clientInfo.title', reason: 'Each client says who it is.' },
  { where: 'initialize.clientInfo.version', reason: 'Each client says who it is.' },
  {
    where: 'initialize.capabilities.requestAttestation',
    reason: 'The generated type requires it; false is what codex-rs assumes without it.',
  },
  {
    where: 'thread/start.approvalPolicy',
    python: 'on-request',
    reason:
      'Python chooses its automatic reviewer for every thread; here codex-rs keeps its default, and requests are declined unless a handler is set.',
  },
  {
    where: 'thread/start.approvalsReviewer',
    python: 'auto_review',
    reason: 'Goes with the approval policy above.',
  },
  {
    where: 'thread/start.sandbox',
    reason:
      'The sandbox goes with every turn: with thread/start it would write a trust entry into the user’s configuration and load the project’s.',
  },
  {
    where: 'thread/resume.sandbox',
    reason: 'The sandbox goes with every turn, as on thread/start.',
  },
  {
    where: 'turn/start.sandboxPolicy',
    scenarios: ['deny-all'],
    reason: 'The thread’s sandbox, which goes with every turn.',
  },
  {
    where: 'turn/start.clientUserMessageId',
    reason: 'Finds the turn again in the history when its acknowledgement was lost.',
  },
  {
    where: 'thread/resume.excludeTurns',
    reason:
      'The history is not needed to resume, and codex-rs calls sending it all deprecated; thread.turns() pages through it.',
  },
  {
    where: 'request account/read',
    reason: 'Before a turn: codex-rs would send it without any login, and fail late.',
  },
  { where: 'request thread/read', reason: 'Resume is judged before it runs.' },
  { where: 'request thread/turns/list', reason: 'Resume is judged before it runs.' },
  {
    where: 'request thread/attachment/list',
    reason: 'Labels are kept with the thread, and read when it is resumed.',
  },
  {
    where: 'request thread/resume',
    scenarios: [
      'resume-archived',
      'resume-never-ran',
      'resume-never-ran-but-read',
      'resume-unknown-id',
    ],
    reason: 'What was judged not to be resumable is not asked for.',
  },
];

/** Where our requests differ and should not: an entry goes when the library closes the gap. */
export const requestGaps: readonly KnownDifference[] = [
  {
    where: 'thread/start.approvalPolicy',
    python: 'never',
    reason: 'approvalMode is accepted, but not sent.',
  },
  { where: 'thread/resume.approvalPolicy', reason: 'approvalMode is accepted, but not sent.' },
  ...['approvalPolicy', 'cwd', 'model', 'personality', 'serviceTier'].map((name) => ({
    where: `turn/start.${name}`,
    reason: 'Of the settings of one turn only effort, summary and sandbox are sent.',
  })),
  { where: 'turn/start.serviceTierForTurn', reason: 'A turn has no service tier of its own yet.' },
  { where: 'turn/start.turnTrigger', reason: 'A turn has no option for what triggered it.' },
  { where: 'turn/start.outputSchema', reason: 'A turn has no output schema yet.' },
  {
    where: 'request turn/start',
    scenarios: ['fork', 'every-option'],
    reason: 'Threads cannot be forked yet, so nothing runs on the fork.',
  },
  {
    where: 'request thread/resume',
    scenarios: ['archive-and-unarchive'],
    reason:
      'A thread that was archived, or that codex-rs calls "not found", still counts as loaded, so resuming it does not load it.',
  },
];

/** Where our results differ from Python's on purpose. */
export const resultDeviations: readonly KnownDifference[] = [
  ...['completed', 'interrupted'].flatMap((status) =>
    ['startedAtMs', 'completedAtMs'].map((name) => ({
      where: `${status}.items[].${name}`,
      reason: 'The published Python client does not know this key of the wire and drops it.',
    })),
  ),
  ...['completed', 'interrupted'].map((status) => ({
    where: `${status}.items[].clientId`,
    isLiveOnly: true,
    reason: 'codex-rs gives back the clientUserMessageId that only we send.',
  })),
  {
    where: 'completed.items[].moderation',
    reason: 'The published Python client does not know this key of the wire and drops it.',
  },
  {
    where: 'completed.usage.last',
    reason:
      'Python keeps what the last model request of the turn cost; usage counts all requests of the turn, threadUsage those of the thread.',
  },
  {
    where: 'step.rejected',
    scenarios: ['resume-never-ran-but-read'],
    reason: 'There is nothing to continue; Python resumes the empty thread.',
  },
];

/** Where our results differ and should not: an entry goes when the library closes the gap. */
export const resultGaps: readonly KnownDifference[] = [
  ...['completed', 'interrupted'].flatMap((status) =>
    ['started_at', 'completed_at'].map((name) => ({
      where: `${status}.${name}`,
      reason: 'What turn/completed says of its times is not kept, except the duration.',
    })),
  ),
  {
    where: 'interrupted.duration_ms',
    reason: 'TurnInterruptedError does not say how long the turn took.',
  },
  {
    where: 'completed.usage.modelContextWindow',
    reason: 'The size of the context window is reported with the usage and not kept.',
  },
  {
    where: 'completed.items',
    scenarios: ['deny-all'],
    isLiveOnly: true,
    reason:
      'approvalMode is not sent, so codex-rs asks, we decline, and the turn has a declined command that Python’s has not.',
  },
];
