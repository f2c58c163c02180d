import { homedir } from 'node:os';
import {
  AppServerTransport,
  type Handshake,
  type ServerOwnership,
} from '../../app-server/app-server-transport.js';
import type { CodexBinary } from '../../app-server/binary-locator.js';
import type { LaunchPlan } from '../../app-server/launch-plan.js';
import { StdioTransport } from '../../app-server/stdio-transport.js';
import type { TransportError } from '../../errors.js';
import type { Secret } from '../../redaction.js';
import { isPlainObject } from '../../shapes.js';
import { version } from '../../version.js';
import { OverheardConnection, type Listener } from './overheard-connection.js';
import { isLogin } from './replay-login.js';
import { SteadyTranscript } from './steady-transcript.js';
import { Transcript, type TranscriptJson, type TranscriptMessage } from './transcript.js';
import { TranscriptRedactor } from './transcript-redactor.js';

/** Options of a {@link RecordingTransport}. */
export interface RecordingOptions {
  /** The transport to record. Defaults to a {@link StdioTransport}. */
  readonly transport?: AppServerTransport;
  /**
   * Texts that must not be in the transcript, of at least 8 characters, besides what is left out anyway: the client's keys,
   * every variable whose name sounds secret (`KEY`, `TOKEN`, `SECRET`, `PASSWORD`, ...), and what looks like a credential.
   */
  readonly secrets?: Iterable<string | Secret>;
}

/**
 * Another transport, recorded: everything that clients and the codex-rs behind it send to each other, to be played by a
 * `ReplayTransport` later. Give it to one client or more, let them work, close them, and save the `transcript`.
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
  readonly #processes: RecordedProcess[] = [];

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
  override locate(plan: LaunchPlan): CodexBinary | null {
    return this.#inner.locate(plan);
  }

  /** What was said so far; take it when the clients are closed. */
  get transcript(): Transcript {
    // A process that only logged in was replaced by one with another login.
    const worth = this.#processes.filter((process) => process.isWorthKeeping);
    const processes = worth.length > 0 ? worth : this.#processes.slice(-1);
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
        const recorded = new RecordedProcess(plan);
        this.#processes.push(recorded);
        return handshake(new OverheardConnection(connection, recorded), timeoutMs);
      },
      signal,
    );
  }
}

/** One process, as it was heard. */
class RecordedProcess implements Listener {
  readonly messages: TranscriptMessage[] = [];
  readonly #plan: LaunchPlan;
  #end: TransportError | null = null;

  constructor(plan: LaunchPlan) {
    this.#plan = plan;
  }

  /** @inheritDoc */
  hear(from: 'client' | 'server', line: string): void {
    const message = parsed(line);
    if (message !== null) this.messages.push({ [from]: message });
  }

  /** @inheritDoc */
  end(error: TransportError): void {
    this.#end = error;
  }

  /** Whether more was said than what makes a process ready. */
  get isWorthKeeping(): boolean {
    const isMore = this.messages.some(({ client }) => client !== undefined && !isLogin(client));
    return isMore || this.ending !== null;
  }

  get ending(): TranscriptJson['processes'][number]['end'] {
    if (this.#end === null || this.#end.code === 'closed') return null;
    const { code, exitCode, signal } = this.#end;
    return { code, exitCode, signal };
  }

  redacted(secrets: readonly string[]): TranscriptMessage[] {
    const { environment, redactor } = this.#plan;
    const found = [environment, process.env].flatMap((variables) =>
      TranscriptRedactor.secretsIn(variables),
    );
    return new TranscriptRedactor(redactor, secrets, found).redact(this.messages);
  }
}

function parsed(line: string): TranscriptMessage['client'] | null {
  try {
    const message: unknown = JSON.parse(line);
    return isPlainObject(message) ? (message as TranscriptMessage['client']) : null;
  } catch {
    return null;
  }
}

/** The directories that may be elsewhere when the transcript is played, with the names they get in it. */
function directoriesOf(processes: readonly RecordedProcess[]): ReadonlyMap<string, string> {
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

function codexVersion(processes: readonly RecordedProcess[]): string | null {
  const [agent] = processes
    .flatMap(({ messages }) => messages)
    .flatMap(({ server }) => field(server?.result, 'userAgent') ?? []);
  return typeof agent === 'string' ? (/\/(\d+\.\d+\.\d+\S*) \(/.exec(agent)?.[1] ?? null) : null;
}
