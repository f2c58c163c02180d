import type { ValidationProblem } from '../errors.js';
import type { Secret } from '../redaction.js';
import { isRecord, isUrl } from '../shapes.js';
import { longestTimerMs } from '../timers.js';
import { entriesOf, frozen, isReservedName, joined, problemsOf, shown } from '../validation.js';
import { readOptions, refuse } from './option-reader.js';
import type { Given } from './option-records.js';
import { count, option, rule, secret } from './option-rules.js';
import { environmentNameProblem } from './thread-environment.js';

/**
 * The connection of codex-rs to a `codex exec-server`, which runs commands on another machine.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ environments: { builder: { url: server.url } } });
 * const [builder] = await codex.environments.list();
 * console.log(builder?.name, builder?.status); // builder ready
 * ```
 */
export class ExecServerOptions {
  /** The address of the server: `ws://` or `wss://`. */
  @option(
    {},
    (value) => (isUrl(value) ? value.href : value),
    rule('url', isSocketUrl, 'must be a ws or wss URL without a user name or fragment'),
  )
  readonly url: string = '';

  /** The token that the server was started with (`--ws-auth`). codex-rs sends it to `wss://` servers and to this machine only. */
  @secret(1)
  readonly token?: Secret;

  /** The time limit for a connection, in milliseconds. Absent: the default of codex-rs. */
  @count(1, longestTimerMs)
  readonly connectTimeoutMs?: number;
}

/** {@link ExecServerOptions} as an object literal. */
export interface ExecServerOptionsRecord extends Given<Omit<ExecServerOptions, 'url' | 'token'>> {
  /** The address of the server: `ws://` or `wss://`. */
  readonly url: string | URL;
  /** The token that the server was started with (`--ws-auth`). codex-rs sends it to `wss://` servers and to this machine only. */
  readonly token?: string | Secret | undefined;
}

/** Exec-servers by the names of their environments. @internal */
export function execServers(): PropertyDecorator {
  return option(
    {},
    readServers,
    rule('environments', isRecord, 'must be an object of { url } by name'),
  );
}

/** Reads one exec-server and adds its problems to the list. @internal */
export function readServer(
  value: unknown,
  at: string,
  problems: ValidationProblem[],
): ExecServerOptions {
  const reading = readOptions(ExecServerOptions.prototype, value, {}, at);
  const server = Object.assign(new ExecServerOptions(), reading.values);
  problems.push(...reading.problems);
  if (reading.problems.length === 0)
    problems.push(
      ...problemsOf(server).map(({ path, reason }) => ({ path: joined(at, path), reason })),
    );
  return frozen(server);
}

function readServers(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const entries = entriesOf(value);
  if (entries === null)
    return refuse(problems, at, `must be an object of { url } by name, got ${shown(value)}`);
  const servers = entries.flatMap(([name, server]) => {
    if (server === undefined) return [];
    const path = joined(at, String(name));
    const problem =
      typeof name === 'string' && isReservedName(name)
        ? 'is not a valid name for an environment'
        : environmentNameProblem(name);
    if (problem === null) return [[String(name), readServer(server, path, problems)] as const];
    refuse(problems, path, problem);
    return [];
  });
  return Object.fromEntries(servers);
}

function isSocketUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^wss?:$/.test(protocol) && username + password + hash === '';
}
