import { readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import type { AppServerSession } from './wire/app-server-session.js';
import { meaningOf } from './wire/refusal-meaning.js';
import type { DoctorProblem } from './doctor-report.js';
import { RequestError } from './errors.js';
import { messageOf } from './shapes.js';
import { mountOf, type Mount } from './transport/mounts.js';

/** Properties of a {@link SharedHomeCheck}. */
export interface SharedHomeCheckProps {
  readonly session: Pick<AppServerSession, 'request'>;
  /** The Codex home. */
  readonly home: string;
  /** The environment that the codex process gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts another codex-rs on the same home. */
  readonly openAnother: () => Promise<Pick<AppServerSession, 'request' | 'close'>>;
}

/**
 * Checks a home that several machines share: its databases are in another directory, or it is on a network file system.
 * Finds no problems in other homes.
 */
export class SharedHomeCheck {
  readonly #props: SharedHomeCheckProps;

  constructor(props: SharedHomeCheckProps) {
    this.#props = props;
  }

  /** All problems found. */
  async problems(): Promise<readonly DoctorProblem[]> {
    const { home } = this.#props;
    const sqliteHome = await this.#sqliteHome();
    const [mount, ofDatabases] = await Promise.all([mountAt(home), mountAt(sqliteHome)]);
    const problems: DoctorProblem[] = [...this.#ofDatabases(sqliteHome, ofDatabases)];
    if (sqliteHome === home && mount?.isNetwork !== true) return [];
    if (mount?.locksAreLocal === true) problems.push(localLocks(mount));
    for (const check of [
      async () => this.#ofLock(),
      async () => this.#ofPaths(sqliteHome),
      async () => this.#ofSnapshots(),
    ])
      try {
        problems.push(...(await check()));
      } catch (error) {
        problems.push({
          check: 'shared-home',
          what: `The shared home ${home} could not be checked: ${messageOf(error)}`,
          advice: 'Check that the home is writable, then call doctor() again.',
        });
      }
    return problems;
  }

  async #sqliteHome(): Promise<string> {
    const { session, home, environment } = this.#props;
    try {
      const { config } = await session.request('config/read', {});
      const named = (config as { readonly sqlite_home?: unknown }).sqlite_home;
      if (typeof named === 'string') return named;
    } catch (error) {
      // An unreadable configuration is reported by another check.
      if (!RequestError.is(error)) throw error;
    }
    const { CODEX_SQLITE_HOME: variable = '' } = environment;
    return variable === '' ? home : variable;
  }

  #ofDatabases(sqliteHome: string, mount: Mount | null): DoctorProblem[] {
    if (mount?.isNetwork !== true) return [];
    return [
      {
        check: 'shared-home',
        what: `The databases of codex-rs are in ${sqliteHome}, on a network file system (${mount.type}), where SQLite can damage them.`,
        advice: 'Pass sqliteHome: a directory on a local disk, a different one on each machine.',
      },
    ];
  }

  /** Two processes, one lock: the second process must be refused a thread that the first has loaded. */
  async #ofLock(): Promise<DoctorProblem[]> {
    const { session, home, openAnother } = this.#props;
    const { thread } = await session.request('thread/start', { cwd: home });
    const threadId = thread.id;
    const another = await openAnother();
    try {
      // codex-rs writes a thread to disk when it gets a name.
      await session.request('thread/name/set', { threadId, name: 'codex.doctor()' });
      await another.request('thread/resume', { threadId, excludeTurns: true });
      return [
        {
          check: 'shared-home',
          what: `Two processes could load the same thread at once: the locks in ${home} do not work, so both would write its history.`,
          advice:
            'Share the home through a file system with working locks (flock), or give each machine its own home.',
        },
      ];
    } catch (error) {
      if (RequestError.is(error) && meaningOf(error) === 'active-writer') return [];
      throw error;
    } finally {
      await another.close();
      await session.request('thread/delete', { threadId }).catch(() => undefined);
    }
  }

  /** A copied database contains the paths of the original home, and codex-rs writes to them. */
  async #ofPaths(sqliteHome: string): Promise<DoctorProblem[]> {
    const { session, home } = this.#props;
    const { data } = await session.request('thread/list', { limit: 100, useStateDbOnly: true });
    const here = await realpath(home);
    for (const { id, path } of data) {
      if (path === null || isWithin(path, home)) continue;
      const folder = await realpath(dirname(path)).catch(() => dirname(path));
      if (isWithin(folder, here)) continue;
      return [
        {
          check: 'shared-home',
          what: `The database in ${sqliteHome} is a copy: it has thread ${id} at ${path}, outside the home ${home}, and codex-rs would write there.`,
          advice: `Delete state_5.sqlite and its -wal and -shm files in ${sqliteHome} while no codex process runs there: codex-rs rebuilds the list of threads from the home.`,
        },
      ];
    }
    return [];
  }

  async #ofSnapshots(): Promise<DoctorProblem[]> {
    const { session } = this.#props;
    let cursor: string | null = null;
    do {
      const page: FeaturePage = await session.request('experimentalFeature/list', { cursor });
      const feature = page.data.find(({ name }) => name === 'shell_snapshot');
      if (feature !== undefined) return feature.enabled ? [snapshots] : [];
      cursor = page.nextCursor;
    } while (cursor !== null);
    return [];
  }
}

interface FeaturePage {
  readonly data: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly nextCursor: string | null;
}

const snapshots: DoctorProblem = {
  check: 'shared-home',
  what: 'Every load of a thread starts a login shell (features.shell_snapshot is on), which costs a worker with many threads more than the load itself.',
  advice: 'Pass config: { features: { shell_snapshot: false } }.',
};

function localLocks({ type, path }: Mount): DoctorProblem {
  return {
    check: 'shared-home',
    what: `${path} (${type}) is mounted with local locks, so two machines could write the same thread.`,
    advice: 'Mount it without nolock and local_lock, or give each machine its own home.',
  };
}

async function mountAt(path: string): Promise<Mount | null> {
  try {
    return mountOf(await realpath(path), await readFile('/proc/self/mountinfo', 'utf8'));
  } catch {
    // Not on Linux: unknown.
    return null;
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith('..') && !isAbsolute(way);
}
