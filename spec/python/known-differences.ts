import type { KnownDifference } from './differences.js';

/** An option of a turn in the scenarios that our turn is not given. */
export interface LeftOutOption {
  readonly option: string;
  readonly scenarios?: readonly string[];
  /** Where our client says so: the path of the problem in its `ValidationError`. */
  readonly refusedAt?: string;
  readonly reason: string;
}

/** The options of a turn that our turn is not given. What this changes on the wire is in the tables below. */
export const leftOutOptions: readonly LeftOutOption[] = [
  {
    option: 'personality',
    refusedAt: 'personality',
    reason: 'It cannot be put back after the turn, so it is refused for a single turn.',
  },
  {
    option: 'summary',
    scenarios: ['every-option'],
    refusedAt: 'config',
    reason:
      'The thread has it in its configuration, which cannot be changed for a single turn; streamed-deltas has it as a setting.',
  },
  {
    option: 'service_tier',
    reason: 'Python’s lasts beyond the turn; ours is Python’s turn_service_tier.',
  },
  { option: 'source', reason: 'A turn has no option for what triggered it.' },
];

/** The last step of a replay whose recording has no answers for what our client does next. */
export const replayEnds = [
  {
    scenario: 'archive-and-unarchive',
    step: 5,
    reason:
      'Ours loads the thread again and checks its end. Python never asked for that, and the replay answers with turns that are yet to run.',
  },
] as const;

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
    reason:
      'Labels, and settings that a crashed turn left to be put back, are kept with the thread, and read when it is resumed.',
  },
  ...['thread/attachment/add', 'thread/attachment/remove', 'thread/settings/update'].map(
    (method) => ({
      where: `request ${method}`,
      scenarios: ['every-option', 'streamed-deltas'],
      // The replay knows no attachments: it refuses the removal that comes first.
      isLiveOnly: method === 'thread/attachment/add',
      reason:
        'Settings of one turn hold for that turn: the thread’s own are written down before, and put back after it. Python’s last on.',
    }),
  ),
  ...['model', 'cwd', 'serviceTierForTurn'].map((name) => ({
    where: `turn/start.${name}`,
    scenarios: ['every-option'],
    reason: 'It is the thread’s own already, so the turn has nothing to change.',
  })),
  {
    where: 'thread/resume.cwd',
    scenarios: ['archive-and-unarchive'],
    reason:
      'A thread that codex-rs has unloaded is loaded again by itself, with its own options; Python leaves that to its user, whose resume has none.',
  },
  ...['turn/start', 'thread/unsubscribe'].map((method) => ({
    where: `request ${method}`,
    scenarios: ['archive-and-unarchive'],
    reason:
      'The replay ends with the thread loaded again: its answer to what the end of the thread is makes ours give it back, instead of sending the turn once more.',
  })),
  {
    where: 'turn/start.personality',
    python: 'friendly',
    reason: 'It cannot be put back after the turn, so it is refused for a single turn.',
  },
  {
    where: 'turn/start.serviceTier',
    python: 'default',
    reason: 'It would last beyond the turn; ours is sent as serviceTierForTurn.',
  },
  {
    where: 'turn/start.summary',
    scenarios: ['every-option'],
    reason: 'The thread has it in its configuration, which cannot be changed for a single turn.',
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
  { where: 'turn/start.turnTrigger', reason: 'A turn has no option for what triggered it.' },
  {
    where: 'request turn/start',
    scenarios: ['fork', 'every-option'],
    reason: 'Threads cannot be forked yet, so nothing runs on the fork.',
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
  ...['refused', 'rejected'].map((name) => ({
    where: `step.${name}`,
    scenarios: ['archive-and-unarchive'],
    reason:
      'Python passes on that codex-rs has unloaded the thread; ours loads it again, and only what the replay says of its end makes it give up.',
  })),
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
];
