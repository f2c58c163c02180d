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
    reason: 'It cannot be restored after the turn, so it is rejected for a single turn.',
  },
  {
    option: 'service_tier',
    reason: 'Python’s outlasts the turn; ours corresponds to Python’s turn_service_tier.',
  },
];

/** The steps that our client skips. */
export const leftOutSteps = [
  {
    scenario: 'archive-and-unarchive',
    step: 5,
    reason:
      'It shows that Python’s thread is lost after the archive. Ours is loaded again automatically and would run, for which the model has no answer.',
  },
] as const;

/** Intended differences of our requests from Python's. */
export const requestDeviations: readonly KnownDifference[] = [
  {
    where: 'initialize.clientInfo.name',
    reason: 'Each client identifies itself; codex-rs records it as the originator of new threads.',
  },
  { where: 'initialize.clientInfo.title', reason: 'Each client identifies itself.' },
  { where: 'initialize.clientInfo.version', reason: 'Each client identifies itself.' },
  {
    where: 'initialize.capabilities.requestAttestation',
    reason: 'The generated type requires it; false is the default of codex-rs.',
  },
  {
    where: 'thread/start.approvalPolicy',
    python: 'on-request',
    reason:
      'Python chooses its automatic reviewer for every thread; ours keeps the default of codex-rs, and declines requests without a handler.',
  },
  {
    where: 'thread/start.approvalsReviewer',
    python: 'auto_review',
    reason: 'Belongs to the approval policy above.',
  },
  {
    where: 'thread/start.sandbox',
    reason:
      'The sandbox is sent with every turn: thread/start would write a trust entry to the user’s configuration and load that of the project.',
  },
  {
    where: 'thread/resume.sandbox',
    reason: 'The sandbox is sent with every turn, as for thread/start.',
  },
  {
    where: 'thread/fork.sandbox',
    reason: 'The sandbox is sent with every turn, as for thread/start.',
  },
  {
    where: 'turn/start.sandboxPolicy',
    scenarios: ['deny-all'],
    reason: 'The sandbox of the thread, which is sent with every turn.',
  },
  {
    where: 'turn/start.clientUserMessageId',
    reason: 'Finds the turn in the history if its acknowledgement was lost.',
  },
  {
    where: 'thread/resume.excludeTurns',
    reason:
      'A resume does not need the history, and codex-rs has deprecated sending all of it; thread.turns() reads it in pages.',
  },
  {
    where: 'request account/read',
    reason: 'Before a turn: without a login, codex-rs would send it and fail late.',
  },
  ...['config/read', 'model/list'].map((method) => ({
    where: `request ${method}`,
    scenarios: ['streamed-deltas'],
    reason:
      'Returns the reasoning summary of the thread, to restore it after a turn with another one.',
  })),
  { where: 'request thread/read', reason: 'A resume is validated before it runs.' },
  { where: 'request thread/turns/list', reason: 'A resume is validated before it runs.' },
  {
    where: 'request thread/attachment/list',
    reason:
      'Labels, and settings to restore after a crashed turn, are stored with the thread and read on resume.',
  },
  ...['start', 'resume', 'fork'].map((verb) => ({
    where: `thread/${verb}.config.shell_environment_policy.set.CODEX_API_KEY`,
    scenarios: ['every-option'],
    reason: 'The key of a configured provider is hidden from the agent’s commands.',
  })),
  {
    where: 'request thread/attachment/add',
    reason:
      'The sandbox of the thread, and its settings before a turn with overrides, are stored with the thread, because codex-rs does not keep them.',
  },
  ...['thread/attachment/remove', 'thread/settings/update'].map((method) => ({
    where: `request ${method}`,
    scenarios: ['every-option', 'streamed-deltas'],
    reason:
      'Settings of one turn apply to that turn: those of the thread are stored before it and restored after it. Python’s remain.',
  })),
  ...['model', 'cwd', 'serviceTierForTurn'].map((name) => ({
    where: `turn/start.${name}`,
    scenarios: ['every-option'],
    reason: 'The thread already has this value, so the turn does not change it.',
  })),
  {
    where: 'request turn/start',
    scenarios: ['archive-and-unarchive'],
    reason:
      'The turn that Python sends to a thread that codex-rs has unloaded: the step is skipped.',
  },
  {
    where: 'thread/resume.cwd',
    scenarios: ['archive-and-unarchive'],
    reason:
      'A thread is one conversation in a client: when it is loaded again, it keeps its original options.',
  },
  {
    where: 'thread/fork.excludeTurns',
    reason: 'A fork does not need the history to continue, as for thread/resume.',
  },
  ...['model', 'modelProvider'].map((name) => ({
    where: `thread/fork.${name}`,
    scenarios: ['fork'],
    reason:
      'A fork keeps the settings of its source; without these, codex-rs uses its current configuration.',
  })),
  ...['cursor', 'limit', 'sortKey', 'sortDirection', 'archived'].map((name) => ({
    where: `thread/list.${name}`,
    reason:
      'Ours reads all pages, and sends the defaults of codex-rs explicitly. Python returns one page.',
  })),
  ...['sourceKinds', 'modelProviders'].map((name) => ({
    where: `thread/list.${name}`,
    reason: 'Without these, codex-rs omits threads of other programs and other providers.',
  })),
  {
    where: 'thread/read.includeTurns',
    reason:
      'codex-rs has deprecated sending all turns at once: ours reads them page by page (thread/turns/list).',
  },
  {
    where: 'turn/start.personality',
    python: 'friendly',
    reason: 'It cannot be restored after the turn, so it is rejected for a single turn.',
  },
  {
    where: 'turn/start.serviceTier',
    python: 'default',
    reason: 'It would outlast the turn; ours is sent as serviceTierForTurn.',
  },
  {
    where: 'request thread/resume',
    scenarios: [
      'resume-archived',
      'resume-never-ran',
      'resume-never-ran-but-read',
      'resume-unknown-id',
    ],
    reason: 'A thread that fails the validation is not requested.',
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
    reason: 'codex-rs returns the clientUserMessageId, which only our client sends.',
  })),
  ...['thread', 'step.listed[]'].map((thread) => ({
    where: `${thread}.originator`,
    isLiveOnly: true,
    reason: 'Each client identifies itself, and codex-rs stores the name with the thread.',
  })),
  {
    where: 'step.rejected',
    scenarios: ['resume-never-ran-but-read'],
    reason: 'The thread has no turns to continue; Python resumes the empty thread.',
  },
  {
    where: 'step.refused',
    scenarios: ['resume-never-ran-but-read'],
    isLiveOnly: true,
    reason: 'Ours reads a thread that never ran as a thread without turns.',
  },
  {
    where: 'step.impossible',
    scenarios: ['resume-never-ran-but-read'],
    isLiveOnly: true,
    reason:
      'A request for all turns at once, as sent by Python, makes codex-rs create an empty file, by which it later finds the thread. Ours creates none.',
  },
];

/** Unintended differences of our results: an entry is removed when the library closes the gap. */
export const resultGaps: readonly KnownDifference[] = [];
