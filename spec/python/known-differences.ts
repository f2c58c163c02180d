import type { KnownDifference } from './differences.js';

/** An option of a turn in the scenarios that our turn does not receive. */
export interface LeftOutOption {
  readonly option: string;
  readonly scenarios?: readonly string[];
  /** The path of the problem in the `ValidationError` of our client. */
  readonly refusedAt?: string;
  readonly reason: string;
}

/** The options of a turn that our turn does not receive. The tables below list the effects on the wire. */
export const leftOutOptions: readonly LeftOutOption[] = [
  {
    option: 'personality',
    refusedAt: 'personality',
    reason: 'It cannot be put back after the turn, so it is refused for a single turn.',
  },
  {
    option: 'service_tier',
    reason: 'Python’s lasts beyond the turn; ours is Python’s turn_service_tier.',
  },
];

/** The steps that our client skips. */
export const leftOutSteps = [
  {
    scenario: 'archive-and-unarchive',
    step: 5,
    reason:
      'It shows that Python’s thread is lost after the archive. Ours is loaded again by itself and would run, which the model has no answer for.',
  },
] as const;

/** Intended differences of our requests from Python's. */
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
  { where: 'thread/fork.sandbox', reason: 'The sandbox goes with every turn, as on thread/start.' },
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
  ...['config/read', 'model/list'].map((method) => ({
    where: `request ${method}`,
    scenarios: ['streamed-deltas'],
    reason:
      'Tells which reasoning summary the thread had, so that it can be put back after a turn with another one.',
  })),
  { where: 'request thread/read', reason: 'Resume is judged before it runs.' },
  { where: 'request thread/turns/list', reason: 'Resume is judged before it runs.' },
  {
    where: 'request thread/attachment/list',
    reason:
      'Labels, and settings that a crashed turn left to be put back, are kept with the thread, and read when it is resumed.',
  },
  ...['start', 'resume', 'fork'].map((verb) => ({
    where: `thread/${verb}.config.shell_environment_policy.set.CODEX_API_KEY`,
    scenarios: ['every-option'],
    reason: 'The key that a configured provider reads is hidden from the agent’s commands.',
  })),
  {
    where: 'request thread/attachment/add',
    reason:
      'The thread’s own sandbox and its settings before a turn with others are kept with the thread, because codex-rs forgets them.',
  },
  ...['thread/attachment/remove', 'thread/settings/update'].map((method) => ({
    where: `request ${method}`,
    scenarios: ['every-option', 'streamed-deltas'],
    reason:
      'Settings of one turn hold for that turn: the thread’s own are written down before, and put back after it. Python’s last on.',
  })),
  ...['model', 'cwd', 'serviceTierForTurn'].map((name) => ({
    where: `turn/start.${name}`,
    scenarios: ['every-option'],
    reason: 'It is the thread’s own already, so the turn has nothing to change.',
  })),
  {
    where: 'request turn/start',
    scenarios: ['archive-and-unarchive'],
    reason:
      'The turn that Python sends to a thread that codex-rs has unloaded: the step is left out.',
  },
  {
    where: 'thread/resume.cwd',
    scenarios: ['archive-and-unarchive'],
    reason:
      'A thread is one conversation in a client: loaded again, it has the options it was started with.',
  },
  {
    where: 'thread/fork.excludeTurns',
    reason: 'The history is not needed to go on in the fork, as on thread/resume.',
  },
  ...['model', 'modelProvider'].map((name) => ({
    where: `thread/fork.${name}`,
    scenarios: ['fork'],
    reason:
      'A fork goes on as the thread it is a fork of; without these codex-rs takes what its configuration says now.',
  })),
  ...['cursor', 'limit', 'sortKey', 'sortDirection', 'archived'].map((name) => ({
    where: `thread/list.${name}`,
    reason:
      'All pages are gone through, and what codex-rs assumes without a word is said. Python gives one page.',
  })),
  ...['sourceKinds', 'modelProviders'].map((name) => ({
    where: `thread/list.${name}`,
    reason: 'Without these codex-rs leaves out threads of other programs and other providers.',
  })),
  {
    where: 'thread/read.includeTurns',
    reason:
      'codex-rs calls sending all turns at once deprecated: they are read page by page (thread/turns/list).',
  },
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

/** Unintended differences of our requests: an entry is removed when the library closes the gap. */
export const requestGaps: readonly KnownDifference[] = [];

const droppedByPython =
  'The published Python client does not know this key of the wire and drops it.';

/** Intended differences of our results from Python's. */
export const resultDeviations: readonly KnownDifference[] = [
  ...['completed.items[]', 'interrupted.items[]', 'thread.turns[].items[]'].flatMap((item) =>
    ['startedAtMs', 'completedAtMs'].map((name) => ({
      where: `${item}.${name}`,
      reason: droppedByPython,
    })),
  ),
  ...['completed.items[]', 'thread.turns[].items[]'].map((item) => ({
    where: `${item}.moderation`,
    reason: droppedByPython,
  })),
  ...['thread', 'step.listed[]'].flatMap((thread) =>
    ['environments', 'extra', 'attachedToThreadId', 'canAcceptDirectInput', 'daybreakEnabled'].map(
      (name) => ({ where: `${thread}.${name}`, reason: droppedByPython }),
    ),
  ),
  ...['completed.items[]', 'interrupted.items[]', 'thread.turns[].items[]'].map((item) => ({
    where: `${item}.clientId`,
    isLiveOnly: true,
    reason: 'codex-rs gives back the clientUserMessageId that only we send.',
  })),
  ...['thread', 'step.listed[]'].map((thread) => ({
    where: `${thread}.originator`,
    isLiveOnly: true,
    reason: 'Each client says who it is, and codex-rs keeps the name with the thread.',
  })),
  {
    where: 'step.rejected',
    scenarios: ['resume-never-ran-but-read'],
    reason: 'There is nothing to continue; Python resumes the empty thread.',
  },
  {
    where: 'step.refused',
    scenarios: ['resume-never-ran-but-read'],
    isLiveOnly: true,
    reason: 'Ours reads a thread that never ran as what it is: one without turns.',
  },
  {
    where: 'step.impossible',
    scenarios: ['resume-never-ran-but-read'],
    isLiveOnly: true,
    reason:
      'Asked for all turns at once, as Python does, codex-rs leaves an empty file behind, by which it knows the thread later. Ours leaves none.',
  },
];

/** Unintended differences of our results: an entry is removed when the library closes the gap. */
export const resultGaps: readonly KnownDifference[] = [];
