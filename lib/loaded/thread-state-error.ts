import { CodexError } from '../errors.js';

/** The state of a thread that prevents the requested action: a closed set. */
export type ThreadState =
  | 'files-changed'
  | 'files-elsewhere'
  | 'files-not-in-git'
  | 'thread-archived'
  | 'thread-ephemeral'
  | 'thread-has-forks'
  | 'thread-in-environments'
  | 'thread-legacy-history'
  | 'thread-never-ran'
  | 'thread-not-archived'
  | 'thread-not-open'
  | 'thread-unknown'
  | 'turn-changes-unknown'
  | 'turn-in-progress'
  | 'turn-unknown';

/** Properties of a {@link ThreadStateError}. @inline */
export interface ThreadStateErrorProps {
  /** The state that prevents the action. */
  readonly code: ThreadState;
  /** The thread, or null if it has no id yet. */
  readonly threadId: string | null;
  /** The requested action, such as `revert()`. */
  readonly action: string;
  /** The files that prevent the action. */
  readonly files?: readonly string[];
  /** The environments of the thread. */
  readonly environments?: readonly string[];
  /** The reply of codex-rs, if there was a request. */
  readonly cause?: unknown;
}

const reasons: Readonly<Record<ThreadState, string>> = {
  'files-changed':
    'the files have changed since, outside the thread or without a report from codex-rs: restore them by hand, or omit files: "restore"',
  'files-elsewhere':
    'its files are on the machine of the server: restore them there, or omit files: "restore"',
  'files-not-in-git': 'its turns did not run in a git repository: omit files: "restore"',
  'thread-archived': 'it is archived: call codex.unarchiveThread(threadId) first',
  'thread-ephemeral': 'it is ephemeral: codex-rs keeps it in memory only',
  'thread-has-forks': 'its forks depend on its history: delete them first, or archive it',
  'thread-in-environments':
    'its commands run in environments, but this client would run them on this machine: resume it with environments in a client that has them, or pass environments: [] to run them here',
  'thread-legacy-history':
    'an older codex-rs wrote its history in a form that cannot be truncated: fork it before that turn instead',
  'thread-never-ran': 'no turn was started on it, so codex-rs has not stored it: run a turn first',
  'thread-not-archived': 'the archive does not contain it',
  'thread-not-open': 'it has not been started: run a turn, or call open() first',
  'thread-unknown':
    'codex-rs does not find it: it was deleted, or it belongs to another CODEX_HOME',
  'turn-changes-unknown':
    'this client did not follow all of its turns since then, and codex-rs reports the file changes of a turn only while it runs',
  'turn-in-progress': 'that turn is still running: wait for it, or choose an earlier one',
  'turn-unknown': 'it does not contain that turn',
};

/**
 * The state of a thread prevents the requested action; {@link ThreadStateError.code} identifies the reason.
 *
 * @example
 * ```ts
 * try {
 *   await codex.startThread().setName('Migration');
 * } catch (error) {
 *   if (!ThreadStateError.is(error)) throw error;
 *   console.log(error.code); // thread-not-open
 * }
 * ```
 */
export class ThreadStateError extends CodexError {
  static override readonly errorName: string = 'ThreadStateError';
  /** The state that prevents the action, to branch on. */
  declare readonly code: ThreadState;
  /** The thread, or null if it has no id yet. */
  readonly threadId: string | null;
  /** For `files-changed`: the absolute paths of the files; else empty. */
  readonly files: readonly string[];

  constructor({
    code,
    threadId,
    action,
    cause,
    files = [],
    environments = [],
  }: ThreadStateErrorProps) {
    const subject = threadId === null ? 'a new thread' : `thread ${threadId}`;
    const list = listed('Files', files) + listed('Environments', environments);
    super(`${action} is not possible for ${subject}: ${reasons[code]}.${list}`, { code, cause });
    this.threadId = threadId;
    this.files = files;
  }
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : ` ${what}: ${names.join(', ')}.`;
}
