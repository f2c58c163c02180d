import { CodexError } from '../errors.js';

/** What about a thread stands in the way of what was asked for: a closed set. */
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

/** What a {@link ThreadStateError} says. @inline */
export interface ThreadStateErrorProps {
  /** What stands in the way. */
  readonly code: ThreadState;
  /** The thread, or null when it has no id yet. */
  readonly threadId: string | null;
  /** What was asked for, such as `revert()`. */
  readonly action: string;
  /** The files in the way. */
  readonly files?: readonly string[];
  /** The environments in which the thread works. */
  readonly environments?: readonly string[];
  /** What codex-rs answered, if it was asked. */
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
 * What was asked for cannot be done with a thread as it stands; {@link ThreadStateError.code} says why.
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
  /** What stands in the way, to branch on. */
  declare readonly code: ThreadState;
  /** The thread, or null when it has no id yet. */
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
