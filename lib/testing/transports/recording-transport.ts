import { homedir } from 'node:os';
import {
  AppServerTransport,
  type Handshake,
  type ServerOwnership,
} from '../../transport/app-server-transport.js';
import type { CodexBinary } from '../../transport/binary-locator.js';
import type { LaunchPlan } from '../../transport/launch-plan.js';
import { StdioTransport } from '../../transport/stdio-transport.js';
import type { Secret } from '../../redaction.js';
import { isPlainObject } from '../../shapes.js';
import { codexVersionIn, version } from '../../version.js';
import { RecordedConnection } from './recorded-connection.js';
import { SteadyTranscript } from './steady-transcript.js';
import { Transcript, type TranscriptJson } from './transcript.js';

/** Options of a {@link RecordingTransport}. */
export interface RecordingOptions {
  /** The transport to record. Defaults to a {@link StdioTransport}. */
  readonly transport?: AppServerTransport;
  /**
   * Texts to exclude from the transcript, of at least 8 characters. Always excluded are the client's keys, variables
   * with secret-looking names (`KEY`, `TOKEN`, `SECRET`, `PASSWORD`, ...), and anything that looks like a credential.
   */
  readonly secrets?: Iterable<string | Secret>;
}

/**
 * Another transport, recorded: all messages between clients and codex-rs, to be replayed by a `ReplayTransport`. Pass
 * it to one or more clients, run them, close them, and save the `transcript`.
 *
 * @example
 * ```ts
 * const transport = new RecordingTransport({ secrets: ['the name of the customer'] });
 * const codex = new Codex({ transport });
 * await codex.startThread().run('Why is the build red?');
 * await codex.close();
 *
 * await transport.transcript.save(file);
 * ```
 */
export class RecordingTransport extends AppServerTransport {
  readonly #inner: AppServerTransport;
  readonly #secrets: readonly string[];
  readonly #connections: RecordedConnection[] = [];

  constructor({ transport = new StdioTransport(), secrets = [] }: RecordingOptions = {}) {
    super();
    this.#inner = transport;
    this.#secrets = [...secrets].map((text) => (typeof text === 'string' ? text : text.reveal()));
  }

  /** @inheritDoc */
  override get ownership(): ServerOwnership {
    return this.#inner.ownership;
  }

  /** @inheritDoc */
  override get reconnectMs(): number {
    return this.#inner.reconnectMs;
  }

  /** @inheritDoc */
  override locate(plan: LaunchPlan): CodexBinary | null {
    return this.#inner.locate(plan);
  }

  /** The messages so far; read it after the clients are closed. */
  get transcript(): Transcript {
    // A process with only a login was replaced by one with another login.
    const worth = this.#connections.filter(({ isWorthKeeping }) => isWorthKeeping);
    const processes = worth.length > 0 ? worth : this.#connections.slice(-1);
    const directories = directoriesOf(processes);
    const steady = new SteadyTranscript(directories);
    const json: TranscriptJson = {
      version: 1,
      recordedWith: { codexThreads: version, codexRs: codexVersion(processes) },
      directories: [...new Set(directories.values())],
      processes: processes.map((process) => ({
        messages: steady.messages(process.redacted(this.#secrets)),
        end: process.ending,
      })),
    };
    return Transcript.fromJSON(JSON.parse(JSON.stringify(json)));
  }

  /** @inheritDoc */
  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#inner.connect(
      plan,
      async (connection, timeoutMs) => {
        const recorded = new RecordedConnection(connection, plan);
        this.#connections.push(recorded);
        return handshake(recorded, timeoutMs);
      },
      signal,
    );
  }
}

/** The directories that may differ in a replay, with their replacements. */
function directoriesOf(processes: readonly RecordedConnection[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  const messages = processes.flatMap((process) => process.messages);
  for (const { server } of messages) name(named, field(server?.result, 'codexHome'), '/codex-home');
  for (const { client } of messages) name(named, field(client?.params, 'cwd'), '/project');
  name(named, process.cwd(), '/project');
  name(named, homedir(), '/home/user');
  return named;
}

function name(named: Map<string, string>, directory: unknown, wanted: string): void {
  if (typeof directory !== 'string' || directory.length < 2 || named.has(directory)) return;
  const alike = [...named.values()].filter((one) => one.replace(/-\d+$/, '') === wanted).length;
  named.set(directory, alike === 0 ? wanted : `${wanted}-${alike + 1}`);
}

function field(value: unknown, key: string): unknown {
  return isPlainObject(value) ? value[key] : undefined;
}

function codexVersion(processes: readonly RecordedConnection[]): string | null {
  const [agent] = processes
    .flatMap(({ messages }) => messages)
    .flatMap(({ server }) => field(server?.result, 'userAgent') ?? []);
  return typeof agent === 'string' ? codexVersionIn(agent) : null;
}
