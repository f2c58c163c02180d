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

/** How codex-rs logs in: `auto` uses a key if there is one, otherwise the user's login; `apiKey` requires a key. */
export type CodexAuth = 'auto' | 'apiKey';
/** Whether codex-rs uses the configuration, login and threads of the user, or a separate home. */
export type CodexIsolation = 'user' | 'private';

/** The options of a client, as an object literal. Undefined options count as absent. */
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
   * The whole environment of the codex process; nothing is inherited. Undefined variables are omitted. An alternative
   * to `environment`.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The environment of the codex process: the inherited and the added variables. */
  readonly environment?: EnvironmentOptionsRecord | undefined;
  /** The exec-servers that run the commands of the threads, by name. */
  readonly environments?: Readonly<Record<string, ExecServerOptionsRecord | undefined>> | undefined;
  /** The base URL of the built-in provider, such as `https://api.openai.com/v1`. */
  readonly baseUrl?: string | URL | undefined;
  /** Configuration of codex-rs for every thread, as a nested object. It overrides the user's `config.toml`. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** The name and version of this program, sent to codex-rs. */
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

/** Options of a client as an object, a `Map`, `[name, value]` entries, or validated options. */
export type CodexOptionsInput = (CodexOptionsRecord & ForeignCodexOptionsRecord) | Entries;

const foreign: ForeignNames = {
  cwd: 'pass it to startThread({ workingDirectory })',
  workingDirectory: 'pass it to startThread({ workingDirectory })',
  model: 'pass it to startThread({ model })',
  modelReasoningEffort: 'pass it to startThread({ modelReasoningEffort })',
  sandbox: 'pass it to startThread({ sandboxMode })',
  sandboxMode: 'pass it to startThread({ sandboxMode })',
  approvalMode: 'pass it to startThread({ approvalMode })',
  approvalPolicy: 'pass it to startThread({ approvalPolicy })',
  labels: 'pass them to startThread({ labels })',
  tools: 'pass them to startThread({ tools })',
  launchArgsOverride: 'codex-threads builds the command line; use codexPath and configOverrides',
};

/**
 * How a client reaches codex-rs: login, binary, home, environment and configuration. Validated and frozen. The
 * constructor starts no process.
 *
 * Credentials are held as {@link Secret}. Neither they nor the values of `env` appear in JSON, in `util.inspect` or in
 * errors.
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
   * The API key. White space around it is removed. A key of fewer than 8 characters counts as a placeholder and is not
   * redacted from errors. Absent: see `auth`.
   */
  @secret(1)
  readonly apiKey?: Secret;

  /** How codex-rs logs in. @defaultValue `"auto"` */
  @choice(['auto', 'apiKey'] satisfies CodexAuth[], {
    spellings: { api_key: 'apiKey', apikey: 'apiKey' },
  })
  readonly auth: CodexAuth = 'auto';

  /**
   * The base URL of the built-in provider, such as `https://api.openai.com/v1`. A URL on this machine is reached
   * without a proxy: its host, `localhost`, `127.0.0.1` and `::1` are added to `NO_PROXY` and `no_proxy` of the
   * process.
   */
  @url()
  readonly baseUrl?: string;

  /** The codex binary: an absolute path, or a bare name that is looked up in `PATH`. */
  @path({ also: ['codexPathOverride', 'codexBin'], bareNames: true })
  readonly codexPath?: string;

  /**
   * The minimum version of codex-rs, such as `0.163.0`. Starting an older or unknown version fails with an
   * `UnsupportedCodexError`. Absent: every version may run; see `isTested` of `codex.serverInfo()`.
   */
  @versionNumber()
  readonly minCodexVersion?: string;

  /**
   * The home directory of codex-rs (`CODEX_HOME`), as an absolute path; codex-rs also runs in it. It must exist, except
   * for a private client, which creates it without access for other users. Absent: the user's own home, or with
   * isolation `"private"` a temporary one, which `close()` removes.
   */
  @path()
  readonly codexHome?: string;

  /**
   * The directory of codex-rs's databases (`sqlite_home`), as an absolute path; created if it does not exist. Machines
   * that share a `codexHome` need one each, on a local disk. This library then also writes its data about a thread,
   * such as the labels, to the home. Absent: `CODEX_SQLITE_HOME`, else the home itself.
   */
  @path()
  readonly sqliteHome?: string;

  /**
   * The connection to codex-rs; not copied. Absent: a `StdioTransport`, which starts codex-rs as a child process. With
   * a transport to a shared server, options that apply only to a process of this client are rejected.
   */
  @kept()
  readonly transport?: AppServerTransport;

  /** The whole environment of the codex process; nothing is inherited. An alternative to `environment`. */
  @variables()
  readonly env?: Readonly<Record<string, string>>;

  /**
   * The environment of the codex process. It includes a model key only if a provider in `config` names the variable.
   * With isolation `"private"`, it includes no variable that looks like a secret, unless the variable is named.
   */
  @part(EnvironmentOptions)
  readonly environment?: EnvironmentOptions;

  /**
   * Configuration of codex-rs for every thread, as a nested object. It overrides the user's `config.toml`. Linux passes
   * at most 128 KiB per setting to a process: put longer ones into the `config` of a thread.
   *
   * One setting has a default of this library: `features.unbounded_connection_retries` is false, so that a turn whose
   * provider refuses every connection fails after a few attempts. With the built-in provider, this takes about half a
   * minute. The turn fails with a `TurnFailedError` with reason `connection-failed`. With true, codex-rs retries until
   * the turn's `timeouts` end the turn, and reports each retry as `turn.retrying`.
   */
  @configRecord()
  readonly config?: ConfigRecord;

  /** Raw `key=value` configuration lines, applied after `config`. */
  @configLines()
  readonly configOverrides?: readonly string[];

  /** The id of the model provider for threads that do not name one. */
  @text()
  readonly modelProvider?: string;

  /**
   * The exec-servers that run the commands of the threads, by name. If this option is set, even to an empty record,
   * codex-rs runs no command on its own machine: each thread names its `environments`.
   */
  @execServers()
  readonly environments?: Readonly<Record<string, ExecServerOptions>>;

  /** The name and version of this program, sent to codex-rs. */
  @part(ClientInfo, { clientName: 'name', clientTitle: 'title', clientVersion: 'version' })
  readonly clientInfo?: ClientInfo;

  /**
   * Whether codex-rs uses the configuration, login and threads of the user. A `"private"` client has its own home and
   * only what its options add: no configuration, instructions, rules, skills or hooks of the user or the project. If
   * any of these is loaded nevertheless, opening a thread fails with an `IsolationViolationError`. @defaultValue
   * `"user"`
   */
  @choice(['user', 'private'] satisfies CodexIsolation[])
  readonly isolation: CodexIsolation = 'user';

  /** Whether the experimental part of the protocol is used. @defaultValue true */
  @flag()
  readonly experimentalApi: boolean = true;

  /** Signs continuation tokens; once set, unsigned and foreign tokens are refused. At least 16 characters. */
  @secret(16)
  readonly continuationSecret?: Secret;

  /** Decides whether a thread may be resumed; not copied. */
  @kept()
  readonly resumeValidator?: ResumeValidator;

  /** Answers approval requests of threads without their own handler; not copied. */
  @kept()
  readonly approvals?: ApprovalHandler;

  /**
   * Whether to send the labels of a thread to the model provider. Each name gets the prefix `label.`, in the turn
   * metadata that codex-rs sends with every request of a turn. Needs `experimentalApi`; up to 4 KiB. @defaultValue
   * false
   */
  @flag()
  readonly labelsToProvider: boolean = false;

  /** The time limit for the handshake with codex-rs, in milliseconds. @defaultValue 30000 */
  @count(1, longestTimerMs)
  readonly startupTimeoutMs: number = 30_000;

  /**
   * How long the first turn of a started or loaded thread waits for MCP servers, in milliseconds; 0 disables the wait.
   * It waits for servers that `config` and `configOverrides` of the client and the thread define, not for those of the
   * user's `config.toml`. The turn then runs without servers that failed or are late, and reports each of them
   * (`mcp.updated`, `telemetry.mcpServer`). @defaultValue 10000
   */
  @count(0, longestTimerMs)
  readonly mcpStartupTimeoutMs: number = 10_000;

  /** How long an idle thread stays loaded, in milliseconds. @defaultValue 300000 */
  @count(0, longestTimerMs)
  readonly keepLoadedMs: number = 300_000;

  /** The maximum size of a message from codex-rs, in bytes. @defaultValue 256 MiB */
  @count(1024, constants.MAX_STRING_LENGTH)
  readonly maxFrameBytes: number = 256 * 1024 * 1024;

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /**
   * Validates and freezes options. Without `apiKey` and `env`, the API key is read from `environment`.
   *
   * @throws {@link ValidationError} with every problem in the input.
   * @throws {@link MissingApiKeyError} if `auth` is `"apiKey"` and no key is found.
   */
  static from(input?: CodexOptionsRecord, environment?: NodeJS.ProcessEnv): CodexOptions;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of another client. */
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
   * Validates options like {@link CodexOptions.from}, but returns the problems instead of throwing an error.
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

  /**
   * Returns the options as JSON, for logs: credentials and values of environment variables are masked, strategies are
   * omitted.
   */
  toJSON(): Record<string, unknown> {
    const { auth, env, environment, configOverrides } = this;
    const shown = new Map<string, unknown>(Object.entries(this));
    for (const strategy of ['transport', 'resumeValidator', 'approvals']) shown.delete(strategy);
    const json = withoutCredentials(Object.fromEntries(shown)) as Record<string, unknown>;
    // Its name looks like a secret, but its value is not one.
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
  // A provider with its own key variable needs no other key.
  return found.problem !== null && providerKey(options) === null ? [found.problem] : [];
}

const missingKey: ValidationProblem = Object.freeze({
  path: 'apiKey',
  reason:
    'is required because auth is "apiKey": pass a key, or set CODEX_API_KEY or OPENAI_API_KEY',
});

function masked(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(variables).map((name) => [name, '[redacted]']));
}
