import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { ThreadHistory } from '../../lib/loaded/thread-history.js';
import { unloadThread } from '../../lib/loaded/unload-thread.js';
import { CodexOptions, RequestError } from '../../lib/index.js';
import { launchPlan } from '../../lib/launch.js';
import type { OfflineCodex } from '../offline-codex.js';

/**
 * Records live threads in the format of the Python client's fixtures, so that the Python program can validate them
 * too.
 */
export class LiveFixtures {
  readonly folder: string;
  readonly #session: AppServerSession;

  private constructor(folder: string, session: AppServerSession) {
    this.folder = folder;
    this.#session = session;
  }

  /** A witness with its own process. */
  static async start(offline: OfflineCodex): Promise<LiveFixtures> {
    const { plan } = launchPlan(CodexOptions.from(offline.options), process.env);
    const folder = join(offline.home.path, 'live-fixtures');
    return new LiveFixtures(folder, await AppServerSession.open(plan));
  }

  /** The current replies to a client that resumes the thread and reads it with its turns. */
  async record(threadId: string): Promise<void> {
    const error = await this.#resumeError(threadId);
    const history = new ThreadHistory(this.#session, threadId);
    const metadata = await history.withTurns(await history.read());
    const resume = { do: 'resume', threadId };
    await this.#write(threadId, {
      'metadata.json': { main: metadata },
      'result.json': [
        { do: 'run', threadId },
        error === null ? resume : { ...resume, error: { serverMessage: error } },
        { do: 'read', threadId, includeTurns: true },
      ],
    });
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #resumeError(threadId: string): Promise<string | null> {
    try {
      await this.#session.request('thread/resume', { threadId, excludeTurns: true });
      await unloadThread(this.#session, threadId);
      return null;
    } catch (error) {
      if (!RequestError.is(error)) throw error;
      return error.serverMessage;
    }
  }

  async #write(name: string, files: Readonly<Record<string, unknown>>): Promise<void> {
    await mkdir(join(this.folder, name), { recursive: true });
    for (const [file, content] of Object.entries(files))
      await writeFile(join(this.folder, name, file), JSON.stringify(content));
  }
}
