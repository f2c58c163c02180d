import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { here } from '../app-server/here.cjs';
import { argumentsOf, environmentOf, type LaunchPlan } from '../app-server/launch-plan.js';
import { AppServerTransport, type Handshake } from '../app-server/app-server-transport.js';
import type { Transport } from '../app-server/transport.js';
import { CodexError, ValidationError } from '../errors.js';
import type { Account, ClientRequests, Model, ServerNotifications } from '../protocol/index.js';
import { FaultyConnection, type FaultyConnectionStart } from './faulty-connection.js';
import { FaultyDirectoryWorld } from './faulty-directory-world.js';
import { FaultyGate } from './faulty-gate.js';
import { FaultyMemoryWorld } from './faulty-memory-world.js';
import { FaultyNotificationTrigger } from './faulty-notification-trigger.js';
import { FaultyRequestTrigger } from './faulty-request-trigger.js';
import type {
  FaultyFault,
  FaultyOccurrence,
  FaultyScript,
  FaultyServerBehaviour,
} from './faulty-script.js';
import type { FaultyTurnChoice, FaultyTurnPlan } from './faulty-step.js';
import { FaultyScriptReader } from './faulty-script-reader.js';
import type { FaultyTurn } from './faulty-turn.js';
import type { FaultyReceived, FaultyStart, FaultyWorld } from './faulty-world.js';

/**
 * A codex app-server that speaks the wire protocol truthfully, and misbehaves where it is told to.
 *
 * By itself it plays threads and turns correctly; {@link FaultyAppServer.plays} says what happens in them. Faults are added
 * by verbs, also while it runs. Every verb changes this server and gives it back. The same script works in this process
 * ({@link FaultyAppServer.transport}) and as a program in place of codex ({@link FaultyAppServer.program}).
 *
 * @example
 * ```ts
 * const faulty = new FaultyAppServer()
 *   .plays(new FaultyTurn().message('A test fails.'))
 *   .on('turn/start', { nth: 2 })
 *   .kill();
 * await using codex = new Codex({ transport: faulty.transport });
 * const thread = codex.startThread();
 *
 * console.log((await thread.run('Why is the build red?')).finalResponse); // A test fails.
 * const error: unknown = await thread.run('Fix it').catch((reason: unknown) => reason);
 * console.log(OutcomeUnknownError.is(error), faulty.requests('turn/start').length); // true 2
 * ```
 */
export class FaultyAppServer {
  readonly #turns: FaultyTurnPlan[] = [];
  readonly #faults: FaultyFault[] = [];
  readonly #server: { -readonly [K in keyof FaultyServerBehaviour]: FaultyServerBehaviour[K] } = {};
  #directory: string | null = null;
  #world: FaultyWorld | null = null;

  /**
   * A server with the script that {@link FaultyAppServer.toJSON} gave.
   *
   * @throws ValidationError listing everything that is wrong with the script.
   */
  static fromJSON(value: unknown): FaultyAppServer {
    const { turns = [], faults = [], server = {}, directory } = FaultyScriptReader.read(value);
    const faulty = new FaultyAppServer();
    faulty.#turns.push(...turns);
    faulty.#faults.push(...faults);
    Object.assign(faulty.#server, server);
    faulty.#directory = directory ?? null;
    return faulty;
  }

  /** The script as plain JSON; what is in it may change with any version of this package. */
  toJSON(): object {
    const script: FaultyScript = {
      turns: this.#turns,
      faults: this.#faults,
      server: this.#server,
      ...(this.#directory === null ? {} : { directory: this.#directory }),
    };
    return structuredClone(script);
  }

  /** Begins a fault at a request: every one of the method, unless the occurrence says which. */
  on<M extends keyof ClientRequests>(
    request: M,
    occurrence: FaultyOccurrence = {},
  ): FaultyRequestTrigger<this, M> {
    return new FaultyRequestTrigger(occurrence, (action, which) =>
      this.#put({ request, ...which, do: action }),
    );
  }

  /** Begins a fault at one of the server's notifications: every one of the method, unless the occurrence says which. */
  onNotification(
    notification: keyof ServerNotifications,
    occurrence: FaultyOccurrence = {},
  ): FaultyNotificationTrigger<this> {
    return new FaultyNotificationTrigger((action) =>
      this.#put({ notification, ...occurrence, do: action }),
    );
  }

  /** Plays this turn instead of the default one, once unless `times` says how often (0: always). Turns are taken in the order they were added, anew in each process or connection. */
  plays(turn: FaultyTurn, when: FaultyTurnChoice = {}): this {
    const plan = { ...turn.plan, ...when };
    FaultyScriptReader.read({ turns: [plan] });
    this.#turns.push(plan);
    return this;
  }

  /** Keeps history, transcript and gates in this absolute folder: needed to look into the program, and shared by all processes that use it. */
  inDirectory(directory: string): this {
    if (this.#world)
      throw new CodexError(
        `The directory ${directory} comes too late: the server was already used without it.`,
        { code: 'invalid-state' },
      );
    FaultyScriptReader.read({ directory });
    this.#directory = directory;
    return this;
  }

  /** Answers `initialize` with an error. */
  refuseHandshake(message = 'initialize is refused'): this {
    return this.on('initialize').reject(-32600, message);
  }

  /** Never answers `initialize`. */
  hangHandshake(): this {
    return this.on('initialize').stall();
  }

  /** Ignores SIGTERM. */
  ignoreSigterm(): this {
    return this.#behave({ ignoresSigterm: true });
  }

  /** Lives on when standard input ends. */
  ignoreStdinEnd(): this {
    return this.#behave({ ignoresStdinEnd: true });
  }

  /** Writes every byte on its own. */
  splitUtf8(): this {
    return this.#behave({ splitsUtf8: true });
  }

  /** Puts keys that no protocol type knows into everything it says. */
  extraFields(): this {
    return this.#behave({ addsFields: true });
  }

  /** Sends every notification twice. */
  duplicateNotifications(): this {
    return this.#behave({ duplicatesNotifications: true });
  }

  /** Needs an OpenAI login, and has this one at the start. */
  account(account: Account | null): this {
    return this.#behave({ account, requiresOpenaiAuth: true });
  }

  /** Offers these models. */
  models(models: readonly Model[]): this {
    return this.#behave({ models });
  }

  /** Prints this for `--version`. */
  version(version: string): this {
    return this.#behave({ version });
  }

  /** Ends the program after this many milliseconds, whatever it ignores. Without it: ten minutes. */
  lifetime(lifetimeMs: number): this {
    return this.#behave({ lifetimeMs });
  }

  /** The transport of clients in this process: each connection stands for one start of codex-rs. */
  get transport(): AppServerTransport {
    return new FaultyMemoryTransport(
      (plan) =>
        this.#connect({ args: argumentsOf(plan), environment: environmentOf(plan) }).transport,
    );
  }

  /**
   * What to make clients with so that they start this server as a program in place of codex: for what only a process can do,
   * such as surviving SIGTERM. It misbehaves as it was told until now; verbs said later do not reach it.
   *
   * To look into the program (`received`, `requests`, `starts`, gates), and for several processes to share one history, give
   * the server a folder first ({@link FaultyAppServer.inDirectory}).
   *
   * @param environment - further variables of the process. Defaults to those of this process
   * @throws ValidationError when the script is too long for a variable
   * @throws CodexError `program-not-found` where this package is part of a bundle
   *
   * @example
   * ```ts
   * await using home = await TemporaryCodexHome.create();
   * const faulty = new FaultyAppServer().inDirectory(home.path).ignoreSigterm();
   * await using codex = new Codex(faulty.program());
   *
   * await codex.startThread().run('Why is the build red?');
   * console.log(faulty.starts.length, typeof faulty.starts[0]?.pid); // 1 number
   * ```
   */
  program(
    environment: Readonly<Record<string, string | undefined>> = process.env,
  ): FaultyProgramOptions {
    return { codexPath: launcher(), env: { ...environment, ...this.environment() } };
  }

  /** A new connection in memory. @internal */
  connection(): Transport {
    return this.#connect().transport;
  }

  /** The variables that tell the program its script. @internal */
  environment(): Record<'FAULTY_APP_SERVER', string> {
    const text = JSON.stringify(this);
    if (Buffer.byteLength(text) <= longestVariable) return { FAULTY_APP_SERVER: text };
    throw new ValidationError('script of a faulty app-server', [
      {
        path: '',
        reason:
          'is too long for a variable: write it to a file and name that file in FAULTY_APP_SERVER',
      },
    ]);
  }

  /**
   * A gate by its name.
   *
   * @throws ValidationError when the name is not made of letters, digits, dots and dashes.
   */
  gate(name: string): FaultyGate {
    return new FaultyGate(this.#shared(), FaultyScriptReader.readGate(name));
  }

  /** Every line received so far, of all connections, or of all programs that share the directory. */
  get received(): readonly FaultyReceived[] {
    return this.#shared().received;
  }

  /** The params of every request or notification received so far with this method. */
  requests<M extends keyof ClientRequests>(method: M): readonly ClientRequests[M]['params'][] {
    return this.received
      .filter(({ message }) => message?.method === method)
      .map(({ message }) => message?.params as ClientRequests[M]['params']);
  }

  /** Every start so far: one a connection, or one a program that shares the directory. */
  get starts(): readonly FaultyStart[] {
    return this.#shared().starts;
  }

  /** Resolves as soon as the nth message with this method has been received. */
  async whenReceived(method: string, nth = 1): Promise<FaultyReceived> {
    const world = this.#shared();
    return world.until(
      () => world.received.filter(({ message }) => message?.method === method)[nth - 1],
    );
  }

  #put(fault: FaultyFault): this {
    FaultyScriptReader.read({ faults: [fault] });
    this.#faults.push(fault);
    return this;
  }

  #behave(behaviour: FaultyServerBehaviour): this {
    FaultyScriptReader.read({ server: behaviour });
    Object.assign(this.#server, behaviour);
    return this;
  }

  #connect(start?: FaultyConnectionStart): FaultyConnection {
    const script: FaultyScript = {
      turns: this.#turns,
      faults: this.#faults,
      server: this.#server,
    };
    return new FaultyConnection(script, this.#shared(), start);
  }

  #shared(): FaultyWorld {
    this.#world ??= this.#directory
      ? new FaultyDirectoryWorld(this.#directory)
      : new FaultyMemoryWorld();
    return this.#world;
  }
}

/** The part of a client's options that makes it start a {@link FaultyAppServer} as a program. */
export interface FaultyProgramOptions {
  /** The program. */
  readonly codexPath: string;
  /** The environment of the process, with the script in it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

// Linux refuses a longer one.
const longestVariable = 120_000;

const program = join(dirname(here), '..', 'testing', 'faulty-codex.cjs');

/** Where the program lies. In a bundle it lies nowhere. */
function launcher(): string {
  if (here === '' || !existsSync(program))
    throw new CodexError(
      'FaultyAppServer.program() starts a file of this package, which is not beside the bundled code: leave codex-threads out of the bundle, or use codexPath.',
      { code: 'program-not-found' },
    );
  return program;
}

class FaultyMemoryTransport extends AppServerTransport {
  readonly #link: (plan: LaunchPlan) => Transport;

  constructor(link: (plan: LaunchPlan) => Transport) {
    super();
    this.#link = link;
  }

  protected override async open<T>(plan: LaunchPlan, handshake: Handshake<T>): Promise<T> {
    return handshake(this.#link(plan), plan.startupTimeoutMs);
  }
}
