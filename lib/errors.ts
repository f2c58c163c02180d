import { inspect } from 'node:util';
import { Redactor } from './redaction.js';
import { isError } from './shapes.js';

const brand = Symbol.for('codex-threads.error');
const credentials = new Redactor();
/** The page of all codes. Its text is not part of the package. */
const helpPage = 'https://github.com/codex-threads/codex-threads/blob/main/docs/errors.md';

/** Properties common to all errors of this library, besides the message. @inline */
export interface CodexErrorProps {
  /** The stable string to branch on. */
  readonly code: string;
  /** Whether the same call may succeed later without any change. Defaults to `false`. */
  readonly retryable?: boolean;
  /** The underlying error, if any. */
  readonly cause?: unknown;
}

/**
 * The root of all errors of this library. Branch on {@link CodexError.code}, which is stable; messages are for people
 * and can change.
 *
 * `CodexError.is(error)` also recognizes errors of another copy of the package (ESM next to CommonJS), for which
 * `instanceof` fails.
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

  /** The address of the cause and the remedy of this code, in the index of errors by code. */
  get help(): string {
    return `${helpPage}#${this.code}`;
  }

  /** Whether a value is an error of this class, also when another copy of the package threw it. */
  static is<T extends CodexError>(
    this: { readonly errorName: string; readonly prototype: T },
    error: unknown,
  ): error is T {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return (error[brand] as readonly string[]).includes(this.errorName);
  }

  /** A JSON value for logs: name, code, message, help and the class's own fields, with credentials hidden. */
  toJSON(): Record<string, unknown> {
    const own = Object.fromEntries(
      Object.entries(this).filter(([, value]) => typeof value !== 'function'),
    );
    const { name, message, help } = this;
    return credentials.redactValue({
      name,
      message,
      ...own,
      help,
      cause: describeCause(this.cause),
    }) as Record<string, unknown>;
  }
}

function describeCause(cause: unknown): unknown {
  if (cause === undefined) return undefined;
  if (CodexError.is(cause)) return cause.toJSON();
  return isError(cause) ? `${cause.name}: ${cause.message}` : inspect(cause, { depth: 2 });
}

/** One problem with an input. */
export interface ValidationProblem {
  /** The dotted path of the value; empty for the input as a whole. */
  readonly path: string;
  /** The reason, with the value that was given. */
  readonly reason: string;
}

/**
 * Thrown for invalid input, before anything is sent. {@link ValidationError.problems} lists all problems at once.
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
  /** All problems, in the order of the input. */
  readonly problems: readonly ValidationProblem[];

  /** The subject is a noun phrase that can follow "Invalid", such as `thread options`. */
  constructor(subject: string, problems: readonly ValidationProblem[], cause?: unknown) {
    const lines = problems.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
    const count = problems.length === 1 ? '' : ` (${problems.length} problems)`;
    super(`Invalid ${subject}${count}:\n  ${lines.join('\n  ')}`, { code: 'invalid-input', cause });
    this.problems = problems;
  }
}

/** Details of a broken connection to codex-rs. @inline */
export interface TransportErrorProps {
  /**
   * `process-exited`, `start-failed`, `start-timeout`, `frame-too-large`, `malformed-message`, `write-failed`, `closed`
   * or `timeout`; for an external server also `connect-failed`, `unauthorized` or `connection-lost`.
   */
  readonly code: string;
  /** The exit code of the process, or null if a signal ended it or it is still running. */
  readonly exitCode?: number | null;
  /** The signal that ended the process, or null. */
  readonly signal?: string | null;
  /** The last lines of the process's standard error. */
  readonly stderrTail?: string;
  /** The underlying error, if any. */
  readonly cause?: unknown;
  /** Defaults to `true`: the next call starts a new process. */
  readonly retryable?: boolean;
}

/**
 * The connection to codex-rs failed: the process exited or did not start, or its output could not be read.
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
  /** The exit code of the process, or null if a signal ended it or it is still running. */
  readonly exitCode: number | null;
  /** The signal that ended the process, or null. */
  readonly signal: string | null;
  /** The last lines of the process's standard error. */
  readonly stderrTail: string;

  constructor(message: string, props: TransportErrorProps) {
    super(message, { code: props.code, cause: props.cause, retryable: props.retryable ?? true });
    this.exitCode = props.exitCode ?? null;
    this.signal = props.signal ?? null;
    this.stderrTail = credentials.redact(props.stderrTail ?? '');
  }
}

/** Properties of a {@link RequestError}: the error response of codex-rs. @inline */
export interface RequestErrorProps {
  /** The protocol method, such as `thread/resume`. */
  readonly method: string;
  /** The JSON-RPC error code. codex-rs uses -32600 for almost every error. */
  readonly rpcCode: number;
  /** The message from codex-rs, unchanged. */
  readonly serverMessage: string;
  /** The `data` of the JSON-RPC error, if any. */
  readonly data?: unknown;
}

/**
 * codex-rs rejected a request.
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
  /** The message from codex-rs, unchanged. */
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

/** codex-rs lists all methods, fields and values that it supports: kilobytes that explain nothing. */
function withoutVariants(message: string): string {
  return message.replace(/(unknown (?:variant|field) `[^`]*`), expected one of .*/s, '$1');
}
