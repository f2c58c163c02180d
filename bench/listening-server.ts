import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Place } from './contender.js';
import { appServerArgs } from './raw-client.js';

/** A `codex app-server` that listens on a WebSocket. */
export class ListeningServer {
  readonly url: string;
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Resolves once it accepts connections. */
  static async start(place: Place): Promise<ListeningServer> {
    const { codexPath, codexHome, environment } = place;
    const child = spawn(
      codexPath,
      [...appServerArgs(place), '--listen', 'ws://127.0.0.1:0'],
      // Started in the same way as by codex-threads.
      { env: { ...environment, CODEX_HOME: codexHome }, detached: true },
    );
    child.stdout.resume();
    for await (const line of createInterface(child.stderr)) {
      const [, url] = /listening on: (\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      child.stderr.resume();
      return new ListeningServer(child, url);
    }
    throw new Error('The server exited before it listened.');
  }

  /** Ends the process. */
  async close(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }
}
