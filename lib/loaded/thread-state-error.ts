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
    'something else changed the files since, or codex-rs did not report the change: restore them by hand, or leave out files: "restore"',
  'files-elsewhere':
    'its files are where the server is: restore them there, or leave out files: "restore"',
  'files-not-in-git': 'its turns did not work in a git repository: leave out files: "restore"',
  'thread-archived': 'it is archived: codex.unarchiveThread(threadId) brings it back',
  'thread-ephemeral': 'it is ephemeral: codex-rs keeps it in memory only',
  'thread-has-forks': 'forks of it still need its history: delete them first, or archive it',
  'thread-in-environments':
    'its commands run in environments, and here they would run on this machine: resume it with environments, in a client that has them; pass environments: [] to have its commands run here from now on',
  'thread-legacy-history':
    'an older codex-rs wrote its history in a form that cannot be cut: fork it before that turn instead',
  'thread-never-ran': 'no turn was started on it, so codex-rs has kept nothing of it',
  'thread-not-archived': 'there is no such thread in the archive',
  'thread-not-open': 'codex-rs has not heard of it yet: run a turn, or call open() first',
  'thread-unknown':
    'codex-rs knows no such thread here: it was deleted, or belongs to another CODEX_HOME',
  'turn-changes-unknown':
    'this client has not seen all of its turns from there on: codex-rs reports what a turn changed only while the turn runs',
  'turn-in-progress': 'that turn still runs: wait for it, or name an earlier one',
  'turn-unknown': 'it has no such turn',
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
    super(`${action} cannot be done with ${subject}: ${reasons[code]}.${list}`, { code, cause });
    this.threadId = threadId;
    this.files = files;
  }
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : ` ${what}: ${names.join(', ')}.`;
}
