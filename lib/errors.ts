import { inspect } from 'node:util';
import { Redactor } from './redaction.js';
import { isError } from './shapes.js';

const brand = Symbol.for('codex-threads.error');
const credentials = new Redactor();

/** What every error of this library is built from besides its message. @inline */
export interface CodexErrorProps {
  /** The stable string to branch on. */
  readonly code: string;
  /** Whether the same call may succeed later without any change. Defaults to `false`. */
  readonly retryable?: boolean;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * The root of every error thrown by this library: branch on {@link CodexError.code}, which is stable; messages are for people.
 *
 * `CodexError.is(error)` also recognises errors of another copy of the package (ESM beside CommonJS), where `instanceof` fails.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Fix it');
 * } catch (error) {
 *   if (!CodexError.is(error)) throw error;
 *   console.log(error.name, error.code, error.retryable); // TurnFailedError turn-failed false
 *   console.error(JSON.stringify(error));
 * }
 * ```
 */
export class CodexError extends Error {
  /** The name that {@link CodexError.is} compares; it survives minifiers. */
  static readonly errorName: string = 'CodexError';

  /** The stable string to branch on, in kebab-case, such as `turn-failed`. */
  readonly code: string;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** @internal */
  declare readonly [brand]: readonly string[];

  constructor(message: string, props: CodexErrorProps) {
    super(
      credentials.redact(message),
      props.cause === undefined ? undefined : { cause: props.cause },
    );
    this.code = props.code;
    this.retryable = props.retryable ?? false;
    const names: string[] = [];
    for (
      let type = new.target as unknown;
      typeof type === 'function' && 'errorName' in type;
      type = Object.getPrototypeOf(type) as unknown
    )
      names.push(String(type.errorName));
    Object.defineProperty(this, brand, { value: names, enumerable: false });
    Object.defineProperty(this, 'name', { value: names[0], enumerable: false, configurable: true });
  }

  /** Whether a value is an error of this class, also when another copy of the package threw it. */
  static is<T extends CodexError>(
    this: { readonly errorName: string; readonly prototype: T },
    error: unknown,
  ): error is T {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return (error[brand] as readonly string[]).includes(this.errorName);
  }

  /** A JSON value for logs: name, code, message and the class's own fields, with anything like a credential hidden. */
  toJSON(): Record<string, unknown> {
    const own = Object.fromEntries(
      Object.entries(this).filter(([, value]) => typeof value !== 'function'),
    );
    const { name, message } = this;
    return credentials.redactValue({
      name,
      message,
      ...own,
      cause: describeCause(this.cause),
    }) as Record<string, unknown>;
  }
}

function describeCause(cause: unknown): unknown {
  if (cause === undefined) return undefined;
  if (CodexError.is(cause)) return cause.toJSON();
  return isError(cause) ? `${cause.name}: ${cause.message}` : inspect(cause, { depth: 2 });
}

/** One thing wrong with an input. */
export interface ValidationProblem {
  /** Where, as a dotted path; empty for the input as a whole. */
  readonly path: string;
  /** What is wrong, and the value that was given. */
  readonly reason: string;
}

/**
 * An input was refused before anything was sent; {@link ValidationError.problems} lists everything wrong with it at once.
 *
 * @example
 * ```ts
 * try {
 *   codex.startThread({ sandboxMode: 'read-only', networkAccessEnabled: 'perhaps' as never });
 * } catch (error) {
 *   if (!ValidationError.is(error)) throw error;
 *   for (const { path, reason } of error.problems) console.log(`${path} ${reason}`); // networkAccessEnabled must be true or false, got "perhaps"
 * }
 * ```
 */
export class ValidationError extends CodexError {
  static override readonly errorName: string = 'ValidationError';
  /** Everything that is wrong, in the order of the input. */
  readonly problems: readonly ValidationProblem[];

  /** The subject is a noun phrase that can follow "Invalid", such as `thread options`. */
  constructor(subject: string, problems: readonly ValidationProblem[], cause?: unknown) {
    const lines = problems.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
    const count = problems.length === 1 ? '' : ` (${problems.length} problems)`;
    super(`Invalid ${subject}${count}:\n  ${lines.join('\n  ')}`, { code: 'invalid-input', cause });
    this.problems = problems;
  }
}

/**
 * `auth: "apiKey"` was asked for and no key was given.
 *
 * @example
 * ```ts
 * try {
 *   new Codex({ auth: 'apiKey', env: { PATH: process.env.PATH } });
 * } catch (error) {
 *   if (!MissingApiKeyError.is(error)) throw error;
 *   console.log(error.code); // missing-api-key
 * }
 * ```
 */
export class MissingApiKeyError extends CodexError {
  static override readonly errorName: string = 'MissingApiKeyError';

  constructor() {
    super(
      'auth is "apiKey", but no key was given: pass apiKey, or set CODEX_API_KEY or OPENAI_API_KEY in the environment.',
      { code: 'missing-api-key' },
    );
  }
}

/** What is known of a failed login. @inline */
export interface AuthenticationErrorProps {
  /**
   * `authentication`: no login, or one that was refused. Of a login that was begun: `login-failed`, `login-canceled`, or
   * `login-timeout`. Defaults to `authentication`.
   */
  readonly code?: string;
  /** Whether the same call may succeed later without any change. Defaults to `false`. */
  readonly retryable?: boolean;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * Codex has no usable login, or did not get one; the message says how to log in.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexHome, env: { PATH, HOME } });
 * try {
 *   await codex.startThread().run('Hello');
 * } catch (error) {
 *   if (!AuthenticationError.is(error)) throw error;
 *   console.log(error.code); // authentication
 * }
 * ```
 */
export class AuthenticationError extends CodexError {
  static override readonly errorName: string = 'AuthenticationError';

  constructor(message: string, props: AuthenticationErrorProps = {}) {
    super(message, { ...props, code: props.code ?? 'authentication' });
  }
}

/** One place where the codex binary was looked for. @inline */
export interface CodexLocation {
  /** Where the place was named: an option, a variable, a package or `PATH`. */
  readonly source: string;
  /** The path that was tried, or null when the source named none. */
  readonly path: string | null;
  /** Why it did not serve. */
  readonly reason: string;
}

/**
 * No codex binary was found, or the one that was named cannot be run; {@link CodexNotFoundError.looked} lists every place and
 * why it did not serve.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexPath: '/opt/codex/bin/codex' });
 * try {
 *   await codex.warmUp();
 * } catch (error) {
 *   if (!CodexNotFoundError.is(error)) throw error;
 *   for (const { source, path } of error.looked) console.log(source, path); // codexPath /opt/codex/bin/codex
 * }
 * ```
 */
export class CodexNotFoundError extends CodexError {
  static override readonly errorName: string = 'CodexNotFoundError';
  /** Every place, in the order they were tried. */
  readonly looked: readonly CodexLocation[];

  constructor(looked: readonly CodexLocation[]) {
    const lines = looked.map(
      ({ source, path, reason }) => `${source}: ${path ?? 'none'}: ${reason}`,
    );
    const named = looked.every(({ source }) => source === looked[0]?.source);
    const head = named
      ? `The program named by ${looked[0]?.source ?? 'codexPath'} cannot be run.`
      : 'No codex binary was found. Install @openai/codex or pass codexPath.';
    super(`${head} Looked at:\n  ${lines.join('\n  ')}`, { code: 'codex-not-found' });
    this.looked = looked;
  }
}

/** What is known about the end of the link to codex-rs. @inline */
export interface TransportErrorProps {
  /** `process-exited`, `start-failed`, `start-timeout`, `frame-too-large`, `malformed-message`, `write-failed`, `closed` or `timeout`. */
  readonly code: string;
  /** The exit code of the process, or null when it ended by a signal or still runs. */
  readonly exitCode?: number | null;
  /** The signal that ended the process, or null. */
  readonly signal?: string | null;
  /** The last lines the process wrote to its standard error. */
  readonly stderrTail?: string;
  /** What led to it. */
  readonly cause?: unknown;
  /** Defaults to `true`: the next call starts a new process. */
  readonly retryable?: boolean;
}

/**
 * The link to codex-rs broke: the process ended, could not be started, or what it sent could not be read.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexPath: '/bin/false' });
 * try {
 *   await codex.warmUp();
 * } catch (error) {
 *   if (!TransportError.is(error)) throw error;
 *   console.log(error.code, error.exitCode); // process-exited 1
 *   console.error(error.stderrTail);
 * }
 * ```
 */
export class TransportError extends CodexError {
  static override readonly errorName: string = 'TransportError';
  /** The exit code of the process, or null when it ended by a signal or still runs. */
  readonly exitCode: number | null;
  /** The signal that ended the process, or null. */
  readonly signal: string | null;
  /** The last lines the process wrote to its standard error. */
  readonly stderrTail: string;

  constructor(message: string, props: TransportErrorProps) {
    super(message, { code: props.code, cause: props.cause, retryable: props.retryable ?? true });
    this.exitCode = props.exitCode ?? null;
    this.signal = props.signal ?? null;
    this.stderrTail = credentials.redact(props.stderrTail ?? '');
  }
}

/** Who has a thread that cannot be had now: something of this client, or another process on the same `CODEX_HOME`. @inline */
export type ThreadHolder = 'this-client' | 'another-process';

/** What is known of a thread that cannot be had. @inline */
export interface ThreadBusyErrorProps {
  /** Who has it. Defaults to `this-client`. */
  readonly holder?: ThreadHolder;
  /** What was asked for, such as `compact()`. Defaults to a turn that was not to wait. */
  readonly action?: string;
  /** What codex-rs answered, if it was asked. */
  readonly cause?: unknown;
}

/**
 * A thread is in use, and what was asked for was not to wait or would cut that use short. Nothing was done.
 *
 * @example
 * ```ts
 * const first = thread.run('Fix it');
 * try {
 *   await thread.run('And now?', { whenBusy: 'reject' });
 * } catch (error) {
 *   if (!ThreadBusyError.is(error)) throw error;
 *   console.log(error.holder, error.retryable); // this-client true
 * }
 * ```
 */
export class ThreadBusyError extends CodexError {
  static override readonly errorName: string = 'ThreadBusyError';
  /** The thread, or null when it has no id yet. */
  readonly threadId: string | null;
  /** Who has it. */
  readonly holder: ThreadHolder;

  constructor(
    threadId: string | null,
    { holder = 'this-client', action, cause }: ThreadBusyErrorProps = {},
  ) {
    super(busyMessage(threadId ?? '(new)', holder, action), {
      code: 'thread-busy',
      retryable: true,
      cause,
    });
    this.threadId = threadId;
    this.holder = holder;
  }
}

function busyMessage(threadId: string, holder: ThreadHolder, action: string | undefined): string {
  if (holder === 'another-process')
    return `${action ?? 'A turn'} needs thread ${threadId}, which another process has loaded: release it there, or wait until that process ends.`;
  if (action === undefined)
    return `Thread ${threadId} is busy with another turn: wait for it, or run with whenBusy: "queue".`;
  return `${action} would cut short what thread ${threadId} is doing: wait for its turns, or interrupt them first.`;
}

/** What codex-rs answered instead of a result. @inline */
export interface RequestErrorProps {
  /** The protocol method, such as `thread/resume`. */
  readonly method: string;
  /** The JSON-RPC error code. codex-rs uses -32600 for nearly everything. */
  readonly rpcCode: number;
  /** The server's own words. */
  readonly serverMessage: string;
  /** The `data` of the JSON-RPC error, if any. */
  readonly data?: unknown;
}

/**
 * codex-rs refused a request.
 *
 * @example
 * ```ts
 * try {
 *   await codex.startThread({ modelProvider: 'nowhere' }).open();
 * } catch (error) {
 *   if (!RequestError.is(error)) throw error;
 *   console.log(error.method, error.rpcCode); // thread/start -32600
 *   console.error(error.serverMessage);
 * }
 * ```
 */
export class RequestError extends CodexError {
  static override readonly errorName: string = 'RequestError';
  /** The protocol method, such as `thread/resume`. */
  readonly method: string;
  /** The JSON-RPC error code. */
  readonly rpcCode: number;
  /** The server's own words. */
  readonly serverMessage: string;
  /** The `data` of the JSON-RPC error, or undefined. */
  readonly data: unknown;

  constructor(props: RequestErrorProps) {
    const serverMessage = withoutVariants(props.serverMessage);
    super(`codex-rs refused ${props.method}: ${serverMessage} (code ${props.rpcCode})`, {
      code: props.rpcCode === -32001 ? 'overloaded' : 'request-refused',
      retryable: props.rpcCode === -32001,
    });
    this.method = props.method;
    this.rpcCode = props.rpcCode;
    this.serverMessage = credentials.redact(serverMessage);
    this.data = credentials.redactValue(props.data);
  }
}

/** codex-rs lists every method and value that it does have: kilobytes that explain nothing. */
function withoutVariants(message: string): string {
  return message.replace(/(unknown variant `[^`]*`), expected one of .*/s, '$1');
}

/** Properties of an {@link UnsupportedCodexError}. @inline */
export interface UnsupportedCodexErrorProps {
  /** The version of codex-rs that runs, or null when it is not known. */
  readonly codexVersion: string | null;
  /** The versions that this package is tested with, such as `0.163.0 to 0.171.0`. */
  readonly testedVersions: string;
  /** What it lacks, such as `the method thread/attachment/list`. */
  readonly missing: string;
  /** What it answered. */
  readonly cause: unknown;
}

/**
 * The codex-rs that runs is not the one that this package depends on, and lacks something that was needed.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexPath: oldCodex });
 * try {
 *   await codex.models();
 * } catch (error) {
 *   if (!UnsupportedCodexError.is(error)) throw error;
 *   console.log(error.codexVersion, error.missing); // 0.128.0 the method model/list
 * }
 * ```
 */
export class UnsupportedCodexError extends CodexError {
  static override readonly errorName: string = 'UnsupportedCodexError';
  /** The version of codex-rs that runs, or null when it is not known. */
  readonly codexVersion: string | null;
  /** The versions that this package is tested with. */
  readonly testedVersions: string;
  /** What codex-rs lacks. */
  readonly missing: string;

  constructor({ codexVersion, testedVersions, missing, cause }: UnsupportedCodexErrorProps) {
    super(
      `codex-rs ${codexVersion ?? 'of an unknown version'} lacks ${missing}. This package is tested with codex-rs ${testedVersions}: remove codexPath and CODEX_PATH to use the codex that is installed with it, or update the codex that they point to.`,
      { code: 'unsupported-codex', cause },
    );
    this.codexVersion = codexVersion;
    this.testedVersions = testedVersions;
    this.missing = missing;
  }
}
