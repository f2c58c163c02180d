import type { Transport } from '../app-server/transport.js';
import { CodexError, ValidationError } from '../errors.js';
import type { Account, ClientRequests, Model, ServerNotifications } from '../protocol/index.js';
import { FaultyConnection } from './faulty-connection.js';
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
import type { FaultyTurnPlan } from './faulty-step.js';
import { FaultyScriptReader } from './faulty-script-reader.js';
import type { FaultyTurn } from './faulty-turn.js';
import type { FaultyReceived, FaultyStart, FaultyWorld } from './faulty-world.js';

/**
 * A codex app-server that speaks the wire protocol truthfully, and misbehaves where it is told to.
 *
 * By itself it plays threads and turns correctly. Faults are added by verbs, also while it runs. Every verb changes this server and gives it back.
 * The same script works in memory ({@link FaultyAppServer.transport}) and as a program in place of codex ({@link FaultyAppServer.environment}).
 *
 * @example
 * ```ts
 * const faulty = new FaultyAppServer()
 *   .plays(new FaultyTurn().message('Hello').waitFor('go'))
 *   .on('turn/start', { nth: 2 })
 *   .dropReply();
 * const same = FaultyAppServer.fromJSON(JSON.parse(JSON.stringify(faulty)));
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

  /** The script as plain JSON. */
  toJSON(): FaultyScript {
    return structuredClone({
      turns: this.#turns,
      faults: this.#faults,
      server: this.#server,
      ...(this.#directory === null ? {} : { directory: this.#directory }),
    });
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
  plays(turn: FaultyTurn, when: Pick<FaultyTurnPlan, 'input' | 'times' | 'generation'> = {}): this {
    const plan = { ...turn.toJSON(), ...when };
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

  /** A new connection in memory. All connections share one history, as processes share a `CODEX_HOME`. */
  transport(): Transport {
    const script: FaultyScript = {
      turns: this.#turns,
      faults: this.#faults,
      server: this.#server,
    };
    return new FaultyConnection(script, this.#shared()).transport;
  }

  /** The variables that tell the program its script. */
  environment(): Record<'FAULTY_APP_SERVER', string> {
    const text = JSON.stringify(this);
    if (Buffer.byteLength(text) <= longestVariable) return { FAULTY_APP_SERVER: text };
    throw new ValidationError('The script of a faulty app-server', [
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

  #shared(): FaultyWorld {
    this.#world ??= this.#directory
      ? new FaultyDirectoryWorld(this.#directory)
      : new FaultyMemoryWorld();
    return this.#world;
  }
}

// Linux refuses a longer one.
const longestVariable = 120_000;
