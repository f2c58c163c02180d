import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { settingsOf, type Place, type Settings } from './contender.js';

const overloaded = -32001;

/** A minimal client of `codex app-server`: no checks, no types, no recovery. The baseline for the cost of a library. */
export class RawClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #pending = new Map<number, (reply: Reply) => void>();
  readonly #listeners = new Map<string, (notification: Notification) => void>();
  #nextId = 1;
  #ready: Promise<unknown> | null = null;

  constructor(place: Place) {
    const { codexPath, codexHome, environment } = place;
    this.#child = spawn(codexPath, appServerArgs(place), {
      env: { ...environment, CODEX_HOME: codexHome },
      // Like codex-threads: on Linux a session is also a separate group for the scheduler.
      detached: true,
    });
    this.#child.stderr.resume();
    let text = '';
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#receive(JSON.parse(line) as Reply & Notification);
    });
  }

  /** Sends a request after the handshake, and again while codex-rs is overloaded. */
  async request(method: string, params: object): Promise<Record<string, unknown>> {
    this.#ready ??= this.#send('initialize', {
      clientInfo: { name: 'raw', title: null, version: '1' },
      capabilities: { experimentalApi: true },
    });
    await this.#ready;
    for (let pauseMs = 100; ; pauseMs *= 2) {
      const { result, error } = await this.#send(method, params);
      if (result !== undefined) return result;
      if (error?.code !== overloaded)
        throw new Error(`${method}: ${error?.message ?? 'no result'}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
    }
  }

  /** Sets the receiver of a thread's notifications. */
  listen(threadId: string, listener: (notification: Notification) => void): void {
    this.#listeners.set(threadId, listener);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exit;
  }

  async #send(method: string, params: object): Promise<Reply> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  #receive(message: Reply & Notification): void {
    if (message.id === undefined) this.#listeners.get(message.params.threadId ?? '')?.(message);
    else {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
    }
  }
}

/** The arguments that start `codex app-server` in an environment. */
export function appServerArgs(place: Place): readonly string[] {
  const settings = overrides(settingsOf(place)).flatMap((override) => ['-c', override]);
  return ['app-server', ...settings];
}

/** A notification of a thread. */
export interface Notification {
  readonly method: string;
  readonly params: {
    readonly threadId?: string;
    readonly delta?: string;
    readonly item?: { readonly type: string; readonly text?: string };
    readonly turn?: { readonly status: string };
  };
}

interface Reply {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

function overrides(settings: Settings, parent = ''): string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'object'
      ? overrides(value, `${parent}${name}.`)
      : [`${parent}${name}=${JSON.stringify(value)}`],
  );
}
