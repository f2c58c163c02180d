import type { ApprovalHandler } from '../approvals/approval-handler.js';
import type { AppServerTransport } from '../transport/app-server-transport.js';
import type { ResumeValidator } from '../resume/resume-validator.js';
import { constants } from 'node:buffer';
import { inspect } from 'node:util';
import { ValidationError, type ValidationProblem } from '../errors.js';
import { MissingApiKeyError } from './missing-api-key-error.js';
import type { Secret } from '../redaction.js';
import { longestTimerMs } from '../timers.js';
import { examined, type Examination } from '../validation.js';
import { findApiKey } from './api-key.js';
import { ClientInfo } from './client-info.js';
import { configRecord, type ConfigRecord } from './config-record.js';
import { codexContradictions } from './contradictions.js';
import {
  EnvironmentOptions,
  variables,
  type EnvironmentOptionsRecord,
} from './environment-options.js';
import {
  execServers,
  type ExecServerOptions,
  type ExecServerOptionsRecord,
} from './exec-server-options.js';
import { path, url } from './location-rules.js';
import { providerKey } from './named-variables.js';
import { inOrderOf, readOptions, type ForeignNames } from './option-reader.js';
import type { Entries, Given, OtherForm, SnakeCased } from './option-records.js';
import {
  choice,
  configLines,
  count,
  flag,
  kept,
  part,
  secret,
  text,
  versionNumber,
} from './option-rules.js';
import { withoutCredential, withoutCredentials } from './without-credentials.js';

/** How codex-rs logs in: with a key or the user's own login, whichever there is, or with a key only. */
export type CodexAuth = 'auto' | 'apiKey';
/** Whose configuration, login and threads codex-rs uses: the user's, or a home of its own. */
export type CodexIsolation = 'user' | 'private';

/** The options of a client, as an object literal. Options that are undefined count as not given. */
export interface CodexOptionsRecord extends Given<
  Omit<
    CodexOptions,
    | 'apiKey'
    | 'continuationSecret'
    | 'env'
    | 'environment'
    | 'environments'
    | 'baseUrl'
    | 'config'
    | 'clientInfo'
    | 'toJSON'
    | symbol
  >
> {
  /** The API key. White space around it is removed. Absent: see `auth`. */
  readonly apiKey?: string | Secret | undefined;
  /** Signs continuation tokens; once set, unsigned and foreign tokens are refused. At least 16 characters. */
  readonly continuationSecret?: string | Secret | undefined;
  /**
   * The whole environment of the codex process; nothing is inherited. Variables that are undefined are left out. An alternative
   * to `environment`.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How the environment of the codex process is put together: what it inherits, and what is added. */
  readonly environment?: EnvironmentOptionsRecord | undefined;
  /** The exec-servers that run the commands of the threads, by name. */
  readonly environments?: Readonly<Record<string, ExecServerOptionsRecord | undefined>> | undefined;
  /** The base URL of the built-in provider, such as `https://api.openai.com/v1`. */
  readonly baseUrl?: string | URL | undefined;
  /** Configuration of codex-rs for every thread, as a nested object; it lies over the user's `config.toml`. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** How this program introduces itself to codex-rs. */
  readonly clientInfo?: Given<ClientInfo> | undefined;
}

/** The same options under other names: those of the Python client and of the official SDK, and every one in snake_case. */
export type ForeignCodexOptionsRecord = SnakeCased<CodexOptionsRecord> & {
  /** See `codexPath`. */
  readonly codexPathOverride?: string | undefined;
  /** See `codexPath`. */
  readonly codex_bin?: string | undefined;
  /** See `clientInfo.name`. */
  readonly client_name?: string | undefined;
  /** See `clientInfo.title`. */
  readonly client_title?: string | undefined;
  /** See `clientInfo.version`. */
  readonly client_version?: string | undefined;
};

/** What {@link CodexOptions.from} accepts: an object, a `Map`, `[name, value]` entries, or client options. */
export type CodexOptionsInput = (CodexOptionsRecord & ForeignCodexOptionsRecord) | Entries;

const foreign: ForeignNames = {
  cwd: 'a thread has its own, startThread({ workingDirectory })',
  workingDirectory: 'pass it to startThread({ workingDirectory })',
  model: 'pass it to startThread({ model })',
  modelReasoningEffort: 'pass it to startThread({ modelReasoningEffort })',
  sandbox: 'pass it to startThread({ sandboxMode })',
  sandboxMode: 'pass it to startThread({ sandboxMode })',
  approvalMode: 'pass it to startThread({ approvalMode })',
  approvalPolicy: 'pass it to startThread({ approvalPolicy })',
  labels: 'pass them to startThread({ labels })',
  tools: 'pass them to startThread({ tools })',
  launchArgsOverride: "the command line is this library's own; use codexPath and configOverrides",
};

/**
 * How a client reaches codex-rs: login, binary, home, environment and configuration. Validated and frozen; building one
 * starts nothing.
 *
 * Credentials are held as {@link Secret}; neither they nor the values of `env` appear in JSON, in `util.inspect` or in an
 * error.
 *
 * @example
 * ```ts
 * const options = CodexOptions.from({
 *   apiKey: process.env.OPENAI_API_KEY,
 *   environment: { inherit: 'core', set: { CI: 'true' } },
 *   continuationSecret: 'at-least-sixteen-characters',
 *   keepLoadedMs: 60_000,
 * });
 * console.log(JSON.stringify(options.apiKey)); // "[redacted]"
 *
 * const codex = new Codex(options);
 * console.log(codex.options.keepLoadedMs); // 60000
 * ```
 */
export class CodexOptions {
  /**
   * The API key. White space around it is removed. One of fewer than 8 characters counts as a placeholder, which is not hidden
   * in errors. Absent: see `auth`.
   */
  @secret(1)
  readonly apiKey?: Secret;

  /** How codex-rs logs in. @defaultValue `"auto"` */
  @choice(['auto', 'apiKey'] satisfies CodexAuth[], {
    spellings: { api_key: 'apiKey', apikey: 'apiKey' },
  })
  readonly auth: CodexAuth = 'auto';

  /**
   * The base URL of the built-in provider, such as `https://api.openai.com/v1`. One on this machine is reached without a proxy:
   * the process gets its host, `localhost`, `127.0.0.1` and `::1` in `NO_PROXY` and `no_proxy`, beside what is there.
   */
  @url()
  readonly baseUrl?: string;

  /** The codex binary: an absolute path, or a bare name that is looked up in `PATH`. */
  @path({ also: ['codexPathOverride', 'codexBin'], bareNames: true })
  readonly codexPath?: string;

  /**
   * The oldest version of codex-rs that may run, such as `0.163.0`. Starting an older or unknown version fails with an
   * `UnsupportedCodexError`. Absent: every version may run; see `isTested` of `codex.serverInfo()`.
   */
  @versionNumber()
  readonly minCodexVersion?: string;

  /**
   * The home directory of codex-rs (`CODEX_HOME`), as an absolute path; codex-rs also runs in it. It must exist. For a private
   * client it is created, and closed to other users. Absent: the user's own, or with isolation `"private"` a temporary one,
   * which `close()` removes.
   */
  @path()
  readonly codexHome?: string;

  /**
   * The directory of codex-rs's databases (`sqlite_home`), as an absolute path; created if it does not exist. Machines that
   * share a `codexHome` need one each, on a local disk. What this library keeps of a thread, such as its labels, is then also
   * written to the home. Absent: `CODEX_SQLITE_HOME`, else the home itself.
   */
  @path()
  readonly sqliteHome?: string;

  /**
   * How codex-rs is reached; kept as given. Absent: a `StdioTransport`, which starts it as a child process. Options that only
   * make sense for a process of this client's own are refused with a transport that leads to a shared server.
   */
  @kept()
  readonly transport?: AppServerTransport;

  /** The whole environment of the codex process; nothing is inherited. An alternative to `environment`. */
  @variables()
  readonly env?: Readonly<Record<string, string>>;

  /**
   * How the environment of the codex process is put together. Model keys get in only if a provider of `config` names them; of
   * a private client nothing does that looks like a secret, unless it is named.
   */
  @part(EnvironmentOptions)
  readonly environment?: EnvironmentOptions;

  /**
   * Configuration of codex-rs for every thread, as a nested object; it lies over the user's `config.toml`. Linux passes at most
   * 128 KiB per setting to a process: longer ones belong into the `config` of a thread.
   *
   * One setting has a default of this library: `features.unbounded_connection_retries` is false, so that a turn whose
   * provider refuses every connection fails after some tries (about half a minute with the built-in provider, as its
   * `TurnFailedError` with reason `connection-failed`). With true, codex-rs tries on for as long as the turn's `timeouts`
   * allow, and reports that as `turn.retrying`.
   */
  @configRecord()
  readonly config?: ConfigRecord;

  /** Raw `key=value` configuration lines, applied after `config`. */
  @configLines()
  readonly configOverrides?: readonly string[];

  /** The id of the model provider for every thread that names none. */
  @text()
  readonly modelProvider?: string;

  /**
   * The exec-servers that run the commands of the threads, by name. With it, even empty, codex-rs runs no command on its own
   * machine: each thread names its `environments`.
   */
  @execServers()
  readonly environments?: Readonly<Record<string, ExecServerOptions>>;

  /** How this program introduces itself to codex-rs. */
  @part(ClientInfo, { clientName: 'name', clientTitle: 'title', clientVersion: 'version' })
  readonly clientInfo?: ClientInfo;

  /**
   * Whose configuration, login and threads codex-rs uses. A `"private"` client has a home of its own and nothing that its options
   * did not add: no configuration, instructions, rules, skills or hooks of the user or the project. What gets in all the
   * same is an `IsolationViolationError` when a thread is opened. @defaultValue `"user"`
   */
  @choice(['user', 'private'] satisfies CodexIsolation[])
  readonly isolation: CodexIsolation = 'user';

  /** Whether the experimental part of the protocol is used. @defaultValue true */
  @flag()
  readonly experimentalApi: boolean = true;

  /** Signs continuation tokens; once set, unsigned and foreign tokens are refused. At least 16 characters. */
  @secret(16)
  readonly continuationSecret?: Secret;

  /** Judges whether a thread may be resumed; kept as given. */
  @kept()
  readonly resumeValidator?: ResumeValidator;

  /** Answers approval requests of every thread that has no handler of its own; kept as given. */
  @kept()
  readonly approvals?: ApprovalHandler;

  /**
   * Whether the labels of a thread go to the model provider: each under its name with `label.` before it, in the turn
   * metadata that codex-rs sends with every request of a turn. Needs `experimentalApi`; up to 4 KiB. @defaultValue false
   */
  @flag()
  readonly labelsToProvider: boolean = false;

  /** How long codex-rs may take to answer the handshake, in milliseconds. @defaultValue 30000 */
  @count(1, longestTimerMs)
  readonly startupTimeoutMs: number = 30_000;

  /**
   * How long the first turn after a thread was started or loaded waits for the MCP servers that `config` and
   * `configOverrides` of the client and of the thread define, in milliseconds; 0 disables the wait. The turn then runs without
   * the servers that failed or are late, and reports each of them (`mcp.updated`, `telemetry.mcpServer`). It does not wait
   * for the servers of the user's own `config.toml`. @defaultValue 10000
   */
  @count(0, longestTimerMs)
  readonly mcpStartupTimeoutMs: number = 10_000;

  /** How long an idle thread stays loaded, in milliseconds. @defaultValue 300000 */
  @count(0, longestTimerMs)
  readonly keepLoadedMs: number = 300_000;

  /** The longest message accepted from codex-rs, in bytes. @defaultValue 256 MiB */
  @count(1024, constants.MAX_STRING_LENGTH)
  readonly maxFrameBytes: number = 256 * 1024 * 1024;

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /**
   * Validated, frozen options. `environment` is where API keys are looked for when neither `apiKey` nor `env` is given.
   *
   * @throws {@link ValidationError} with everything that is wrong with the input.
   * @throws {@link MissingApiKeyError} when `auth` is `"apiKey"` and no key is to be found.
   */
  static from(input?: CodexOptionsRecord, environment?: NodeJS.ProcessEnv): CodexOptions;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of another client. */
  static from<const Input extends readonly unknown[]>(
    ...input: OtherForm<
      Input,
      CodexOptionsRecord,
      [input: CodexOptionsInput, environment?: NodeJS.ProcessEnv | undefined]
    >
  ): CodexOptions;
  static from(input: CodexOptionsInput = {}, environment = process.env): CodexOptions {
    const examination = CodexOptions.check(input, environment);
    if (examination.ok) return examination.value;
    const { problems } = examination;
    if (problems.every((problem) => problem === missingKey)) throw new MissingApiKeyError();
    throw new ValidationError('Codex options', problems);
  }

  /**
   * What {@link CodexOptions.from} would do, with the problems as a result instead of an error.
   *
   * @example
   * ```ts
   * const examination = CodexOptions.check({ auth: 'api_key', codexHom: '/srv/codex' });
   * if (!examination.ok) console.log(examination.problems[0]?.path); // codexHom
   * ```
   */
  static check(input: unknown, environment = process.env): Examination<CodexOptions> {
    const { values, problems, order } = readOptions(CodexOptions.prototype, input, foreign);
    const options = new CodexOptions(values);
    const examination = examined(options, [
      ...problems,
      ...codexContradictions(options),
      ...keyProblems(options, problems, environment),
    ]);
    if (examination.ok) return examination;
    return { ok: false, problems: inOrderOf(order, examination.problems) };
  }

  /** The options as JSON, for logs: credentials and values of environment variables masked, strategies left out. */
  toJSON(): Record<string, unknown> {
    const { auth, env, environment, configOverrides } = this;
    const shown = new Map<string, unknown>(Object.entries(this));
    for (const strategy of ['transport', 'resumeValidator', 'approvals']) shown.delete(strategy);
    const json = withoutCredentials(Object.fromEntries(shown)) as Record<string, unknown>;
    // It has the name of a secret, and is a choice.
    json.auth = auth;
    if (configOverrides) json.configOverrides = configOverrides.map(withoutCredential);
    if (env) json.env = masked(env);
    if (environment)
      json.environment = Object.assign({}, environment, {
        ...(environment.set ? { set: masked(environment.set) } : {}),
      });
    return json;
  }

  /** @internal */
  [inspect.custom](): string {
    return `CodexOptions ${inspect(this.toJSON(), { depth: 4 })}`;
  }
}

function keyProblems(
  options: CodexOptions,
  problems: readonly ValidationProblem[],
  environment: NodeJS.ProcessEnv,
): readonly ValidationProblem[] {
  if (problems.some(({ path: at }) => at === 'apiKey')) return [];
  const found = findApiKey(options, environment);
  if (found === null) return options.auth === 'apiKey' ? [missingKey] : [];
  // A provider with a key variable of its own needs no other key.
  return found.problem !== null && providerKey(options) === null ? [found.problem] : [];
}

const missingKey: ValidationProblem = Object.freeze({
  path: 'apiKey',
  reason: 'is missing, and auth is "apiKey": pass one, or set CODEX_API_KEY or OPENAI_API_KEY',
});

function masked(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(variables).map((name) => [name, '[redacted]']));
}
