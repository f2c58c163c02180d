import 'reflect-metadata';
import type { Agent } from 'node:http';
import type { ValidationProblem } from '../errors.js';
import { readOptions, refuse } from '../options/option-reader.js';
import { choice, count, flag, kept, option } from '../options/option-rules.js';
import { absolutePath } from '../paths.js';
import { readSecret, Secret } from '../redaction.js';
import { isUrl } from '../shapes.js';
import { longestTimerMs } from '../timers.js';
import { loopbackHostsIn } from '../transport/loopback.js';
import { entriesOf, isReservedName, joined, keptAsGiven, shown, validated } from '../validation.js';
import type { TlsOptions } from './web-socket-connection.js';

const ownerships = ['shared', 'dedicated'];
const reconnectDefaultMs = 60_000;
const pingDefaultMs = 15_000;

/** A token, or a function that returns a fresh one for every connection. @inline */
export type TokenSource = string | Secret | (() => string | Secret | Promise<string | Secret>);

/** Options of a connection to an external server. @inline */
export interface RemoteOptionsRecord {
  /**
   * Whether others use the server as well. With `"dedicated"`, this client may log the server in (`apiKey`,
   * `codex.account`), which affects all of its users. Defaults to `"shared"`.
   */
  readonly ownership?: 'shared' | 'dedicated' | undefined;
  /**
   * How long to try to restore a lost connection, in milliseconds. Defaults to 60,000; with 0, a running turn is lost
   * immediately.
   */
  readonly reconnectMs?: number | undefined;
  /**
   * How long the server may be silent, in milliseconds, before it is pinged. If it stays silent for the same time
   * again, the connection is considered lost. Defaults to 15,000.
   */
  readonly pingIntervalMs?: number | undefined;
}

/** Options of a {@link WebSocketTransport}. */
export interface WebSocketOptionsRecord extends RemoteOptionsRecord {
  /** The URL of the server: `ws://` or `wss://`. */
  readonly url: string | URL;
  /**
   * The token that the server was started with (`--ws-auth`), sent as `Authorization: Bearer`. A function is called for
   * every connection, so that an expiring token can be replaced.
   */
  readonly token?: TokenSource | undefined;
  /** Additional headers of the handshake. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** TLS options of a `wss://` server: options of `tls.connect`, for the server and the client certificate. */
  readonly tls?: TlsOptions | undefined;
  /** Opens the connection, for example through a proxy: an agent of `node:http` or `node:https`. */
  readonly agent?: Agent | undefined;
  /** Allows a token or headers on an unencrypted connection to another machine. Defaults to `false`. */
  readonly allowInsecure?: boolean | undefined;
}

/** Options of a {@link UnixSocketTransport}. */
export interface UnixSocketOptionsRecord extends RemoteOptionsRecord {
  /** The path of the socket that the server listens on. */
  readonly path: string;
}

/** Validated options of a {@link WebSocketTransport}. */
export class WebSocketOptions {
  @choice(ownerships)
  readonly ownership: 'shared' | 'dedicated' = 'shared';
  @count(0, longestTimerMs)
  readonly reconnectMs: number = reconnectDefaultMs;
  @count(1, longestTimerMs)
  readonly pingIntervalMs: number = pingDefaultMs;
  @option({}, readAddress)
  readonly url: string = '';
  @option({}, readToken, keptAsGiven())
  readonly token: Exclude<TokenSource, string> | null = null;
  @option({}, readHeaders)
  readonly headers: Readonly<Record<string, string>> = {};
  @kept()
  readonly tls?: TlsOptions;
  @kept()
  readonly agent?: Agent;
  @flag()
  readonly allowInsecure: boolean = false;

  /** @throws {@link ValidationError} with all problems */
  static from(input: WebSocketOptionsRecord): WebSocketOptions {
    const { values, problems } = readOptions(WebSocketOptions.prototype, input);
    const options = Object.assign(new WebSocketOptions(), values);
    return validated(options, 'transport options', [
      ...problems,
      ...missing('url', options.url, problems),
      ...exposed(options),
    ]);
  }
}

/** Validated options of a {@link UnixSocketTransport}. */
export class UnixSocketOptions {
  @choice(ownerships)
  readonly ownership: 'shared' | 'dedicated' = 'shared';
  @count(0, longestTimerMs)
  readonly reconnectMs: number = reconnectDefaultMs;
  @count(1, longestTimerMs)
  readonly pingIntervalMs: number = pingDefaultMs;
  @option({}, readPath)
  readonly path: string = '';

  /** @throws {@link ValidationError} with all problems */
  static from(input: UnixSocketOptionsRecord): UnixSocketOptions {
    const { values, problems } = readOptions(UnixSocketOptions.prototype, input);
    const options = Object.assign(new UnixSocketOptions(), values);
    return validated(options, 'transport options', [
      ...problems,
      ...missing('path', options.path, problems),
    ]);
  }
}

function missing(
  path: string,
  value: string,
  problems: readonly ValidationProblem[],
): ValidationProblem[] {
  const isTold = value !== '' || problems.some((problem) => problem.path === path);
  return isTold ? [] : [{ path, reason: 'is required' }];
}

/** A credential must not cross a network unencrypted. */
function exposed({ url, token, headers, allowInsecure }: WebSocketOptions): ValidationProblem[] {
  const hasCredentials = token !== null || Object.keys(headers).length > 0;
  if (!url.startsWith('ws:') || allowInsecure || !hasCredentials) return [];
  if (loopbackHostsIn(url).length > 0) return [];
  const reason =
    'would send the token or the headers unencrypted to another machine: use wss://, or allowInsecure: true on a network that you trust';
  return [{ path: 'url', reason }];
}

function readAddress(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const text = isUrl(value) ? value.href : value;
  if (typeof text !== 'string' || !URL.canParse(text))
    return refuse(problems, at, `must be a URL such as wss://host:port, got ${seen(value)}`);
  const { protocol, username, password, hash, href } = new URL(text);
  if (protocol !== 'ws:' && protocol !== 'wss:')
    return refuse(problems, at, `must start with ws:// or wss://, got ${seen(text)}`);
  if (username !== '' || password !== '')
    return refuse(problems, at, 'must not contain credentials: pass token or headers');
  return hash === '' ? href : refuse(problems, at, `must not have a fragment, got ${shown(text)}`);
}

/** A URL may contain a password in an unknown form. */
function seen(value: unknown): string {
  return String(value).includes('@') ? 'something with a user or a password' : shown(value);
}

function readPath(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const read =
    typeof value === 'string'
      ? absolutePath(value)
      : { problem: `must be a path, got ${shown(value)}` };
  return 'path' in read ? read.path : refuse(problems, at, read.problem);
}

function readToken(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  if (typeof value === 'function') return value;
  const read = readSecret(value, 1);
  return typeof read === 'string' ? refuse(problems, at, read) : read;
}

function readHeaders(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const entries = entriesOf(value);
  if (entries === null)
    return refuse(
      problems,
      at,
      `must be an object of strings, got a value of type ${typeof value}`,
    );
  const headers: Record<string, string> = {};
  for (const [name, text] of entries) {
    if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || isReservedName(name))
      refuse(problems, at, `${shown(name)} is not a valid header name`);
    else if (typeof text !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
      refuse(problems, joined(at, name), 'must be a valid HTTP header value');
    else headers[name] = text;
  }
  return headers;
}
