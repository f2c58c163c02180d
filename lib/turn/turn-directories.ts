import { stat } from 'node:fs/promises';
import type { AppServerSession } from '../wire/app-server-session.js';
import { RequestError, ValidationError, type ValidationProblem } from '../errors.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { codeOf, messageOf } from '../shapes.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { shown } from '../validation.js';

/** The default working directory of a turn. */
export type DefaultDirectory =
  /** The thread's working directory so far. */
  | { readonly path: string; readonly of: 'thread' }
  /** The current directory of this process when the thread was built; null if it did not exist. */
  | { readonly path: string | null; readonly of: 'process' };

/** The working directory of a turn without options for it; null if unknown. */
export function defaultDirectory(
  {
    directory,
    fork,
  }: { readonly directory?: string | null; readonly fork?: { readonly directory: string } },
  metadata: ThreadMetadata | null,
): DefaultDirectory | null {
  const path = metadata?.workingDirectory ?? fork?.directory;
  if (path !== undefined) return { path, of: 'thread' };
  return directory === undefined ? null : { path: directory, of: 'process' };
}

/**
 * Rejects a turn in a missing directory: codex-rs would run it, its commands would fail visibly only to the model, and a
 * patch would create the directory. A missing additional directory would be dropped from the sandbox. For an independent
 * server the check is a request (`fs/getMetadata`), once for each directory and connection.
 *
 * @throws {@link ValidationError} with every problem
 */
export async function checkDirectories(
  session: DirectoryHost,
  options: ThreadOptions,
  usual: DefaultDirectory | null,
): Promise<void> {
  const isElsewhere = session.ownership !== 'own';
  if (!isElsewhere && session.processId === null) return;
  const objectionTo = isElsewhere
    ? async (directory: string) => objectionThere(session, directory)
    : objectionHere;
  const { workingDirectory, environments } = options;
  // In an environment, the directories are on another machine.
  const additionalDirectories =
    environments === undefined ? (options.additionalDirectories ?? []) : [];
  const problems = await Promise.all([
    workingDirectory === undefined
      ? usualProblem(usual, objectionTo)
      : problemAt('workingDirectory', workingDirectory, objectionTo),
    ...additionalDirectories.map(async (directory, index) =>
      problemAt(`additionalDirectories[${index}]`, directory, objectionTo),
    ),
  ]);
  const found = problems.filter((problem) => problem !== null);
  if (found.length > 0) throw new ValidationError('thread options', found);
}

async function usualProblem(
  usual: DefaultDirectory | null,
  objectionTo: Objection,
): Promise<ValidationProblem | null> {
  if (usual === null) return null;
  const objection = usual.path === null ? 'no longer exists' : await objectionTo(usual.path);
  if (objection === null) return null;
  const which =
    usual.of === 'thread'
      ? 'the previous working directory of the thread'
      : 'the current directory of this process';
  const path = usual.path === null ? '' : ` (${usual.path})`;
  return {
    path: 'workingDirectory',
    reason: `is not set, and ${which}${path} ${objection}: pass an existing directory`,
  };
}

async function problemAt(
  path: string,
  directory: string,
  objectionTo: Objection,
): Promise<ValidationProblem | null> {
  const objection = await objectionTo(directory);
  return objection === null ? null : { path, reason: `${objection}, got ${shown(directory)}` };
}

async function objectionHere(directory: string): Promise<string | null> {
  try {
    return (await stat(directory)).isDirectory() ? null : 'is not a directory';
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${messageOf(error)}`;
  }
}

/** The directories known to exist on a server. */
const foundThere = new WeakMap<DirectoryHost, Set<string>>();

async function objectionThere(session: DirectoryHost, path: string): Promise<string | null> {
  const found = foundThere.get(session) ?? new Set<string>();
  foundThere.set(session, found);
  if (found.has(path)) return null;
  try {
    const { isDirectory } = await session.request('fs/getMetadata', { path });
    if (!isDirectory) return 'is not a directory on the server';
    found.add(path);
    return null;
  } catch (error) {
    // This codex-rs may not support the request.
    if (!RequestError.is(error) || meaningOf(error) !== 'no-such-file') return null;
    return 'does not exist on the server';
  }
}

/** The reason why a directory cannot be used, or null. */
type Objection = (directory: string) => Promise<string | null>;

/** The host of the directories. */
type DirectoryHost = Pick<AppServerSession, 'processId' | 'ownership' | 'request'>;
