import { ValidationError } from '../errors.js';
import { canonicalId, turnIdProblem } from '../ids.js';
import { shown } from '../validation.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import { ThreadStateError, type ThreadStateErrorProps } from '../loaded/thread-state-error.js';
import type { ChangedFile, RevertOptions, TurnChanges } from '../thread/thread-backend.js';
import { fileDiffs, type FileDiff } from '../turn/file-diff.js';
import { FileRestoration, repositoryOf } from './file-restoration.js';
import type { LiveThread } from './live-thread.js';
import type { TurnDiff } from './turn-diffs.js';

/** @throws {@link ValidationError} for invalid options */
export function checkedRevert({ before, files = 'keep' }: RevertOptions): Required<RevertOptions> {
  const id = checkedTurnId('revert options', 'before', before);
  if (['keep', 'restore'].includes(files)) return { before: id, files };
  const reason = `must be "keep" or "restore", got ${shown(files)}`;
  throw new ValidationError('revert options', [{ path: 'files', reason }]);
}

/** @throws {@link ValidationError} for an invalid turn id */
export function checkedTurnId(what: string, path: string, given: string): string {
  const reason = turnIdProblem(given);
  if (reason === null) return canonicalId(given);
  throw new ValidationError(what, [{ path, reason: `${reason}, got ${shown(given)}` }]);
}

/** The file changes of a turn, for users. */
export function turnChanges(turnId: string, { diff }: TurnDiff): TurnChanges {
  return Object.freeze({ turnId, diff, files: Object.freeze(fileDiffs(diff).map(changedFile)) });
}

/**
 * Prepares the restoration of the files to their state before a turn.
 *
 * @throws {@link ThreadStateError} if that is not possible; nothing is written in that case
 */
export async function restorationBefore(
  { diffs }: LiveThread,
  { session, threadId, environments }: LoadedThread,
  before: string,
): Promise<FileRestoration> {
  const refuse = (props: Pick<ThreadStateErrorProps, 'code' | 'files'>): never => {
    throw new ThreadStateError({ ...props, threadId, action: 'revert()' });
  };
  if (session.ownership !== 'own' || environments !== null)
    return refuse({ code: 'files-elsewhere' });
  const restoration = new FileRestoration();
  const history = new ThreadHistory(session, threadId);
  for await (const { id } of history.turns({ order: 'newestFirst', itemsView: 'notLoaded' })) {
    const turn = diffs.of(id) ?? refuse({ code: 'turn-changes-unknown' });
    const root = turn.directory === null ? null : repositoryOf(turn.directory);
    await restoration.undo(turn, root ?? refuse({ code: 'files-not-in-git' }));
    if (id !== before) continue;
    const { changed: files } = restoration;
    return files.length === 0 ? restoration : refuse({ code: 'files-changed', files });
  }
  return refuse({ code: 'turn-unknown' });
}

function changedFile({ from, to }: FileDiff): ChangedFile {
  const path = to ?? from ?? '';
  if (from === null) return { path, status: 'added', from: null };
  if (to === null) return { path, status: 'deleted', from: null };
  return from === to ? { path, status: 'modified', from: null } : { path, status: 'renamed', from };
}
