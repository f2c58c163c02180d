import type { AuthenticatedLaunchProps } from './account/authenticated-launch.js';
import {
  childEnvironment,
  homeAt,
  preparedEnvironment,
  privateEnvironment,
} from './transport/child-environment.js';
import { tooLong } from './transport/argument-limit.js';
import { loopbackHostsIn, withDirectLoopback } from './transport/loopback.js';
import type { SessionPlan } from './wire/session-plan.js';
import { privateConfiguration } from './isolation/private-configuration.js';
import { PrivateHome } from './isolation/private-home.js';
import { configOverrides } from './transport/toml-overrides.js';
import { WithheldVariables } from './isolation/withheld-variables.js';
import { ValidationError } from './errors.js';
import { absolutePath } from './paths.js';
import { Redactor } from './redaction.js';
import { findApiKey } from './options/api-key.js';
import type { CodexOptions } from './options/codex-options.js';
import {
  hidingVariables,
  providerKey,
  providerVariables,
  withheldProblems,
} from './options/named-variables.js';
import { version } from './version.js';

/** Providers that codex-rs expects on this machine. */
const localProviders: readonly unknown[] = ['ollama', 'lmstudio'];

type Environment = Readonly<Record<string, string | undefined>>;

/** How a client starts and authenticates its processes. */
export interface ClientLaunch extends AuthenticatedLaunchProps {
  /** The home to create before a start and to remove at the end; null for the user's own home. */
  readonly home: PrivateHome | null;
  /** The variables of this process that the child does not get. */
  readonly withheld: WithheldVariables;
}

/**
 * Derives the process and the login from the options of a client. Pure: creates and starts nothing.
 *
 * @throws {@link ValidationError} if the configuration names a variable that the environment withholds
 */
export function launchPlan(options: CodexOptions, host: Environment): ClientLaunch {
  const { codexPath, codexHome, minCodexVersion, transport } = options;
  // A provider with its own key variable does not need a login.
  const credentials = providerKey(options) === null ? keysFrom(options, host) : {};
  const keyNames = providerVariables(options);
  const redactor = new Redactor(
    [
      options.apiKey,
      options.continuationSecret,
      ...Object.values(credentials),
      ...Object.values(options.environments ?? {}).map(({ token }) => token),
    ].filter((secret) => secret !== undefined),
  );
  const home = options.isolation === 'private' ? new PrivateHome({ given: codexHome }) : null;
  const environment = reachingThisMachine(
    options,
    childEnvironment(
      home === null ? sourceOf(options, host) : privateSourceOf(options, host, home, redactor),
      keyNames,
    ),
  );
  const isReplaced = options.env !== undefined;
  const withheld = new WithheldVariables({ host, child: environment, isReplaced });
  for (const name of keyNames) {
    const key = withheld.secretAt(name);
    if (key !== null) redactor.learn(key);
  }
  const problems = [...withheldProblems(options, withheld), ...tooLong(textsOf(options))];
  if (problems.length > 0) throw new ValidationError('Codex options', problems);
  const usedHome = home?.path ?? codexHome ?? homeIn(environment);
  const plan: SessionPlan = {
    environment:
      options.environments === undefined
        ? environment
        : { ...environment, CODEX_EXEC_SERVER_URL: 'none' },
    configOverrides: settingsOf(options),
    clientInfo: {
      name: options.clientInfo?.name ?? 'codex-threads',
      title: options.clientInfo?.title ?? null,
      version: options.clientInfo?.version ?? version,
    },
    experimentalApi: options.experimentalApi,
    startupTimeoutMs: options.startupTimeoutMs,
    maxFrameBytes: options.maxFrameBytes,
    redactor,
    sharesHome: (options.sqliteHome ?? environment.CODEX_SQLITE_HOME ?? '') !== '',
    ...(transport === undefined ? {} : { transport }),
    ...(codexPath === undefined ? {} : { codexPath }),
    ...(minCodexVersion === undefined ? {} : { minCodexVersion }),
    ...(usedHome === undefined ? {} : { codexHome: usedHome }),
  };
  return { plan, ...credentials, home, withheld };
}

/**
 * The home that the environment names. A relative path is resolved against the current directory, because codex-rs runs
 * in another one.
 */
function homeIn({ CODEX_HOME: named = '' }: Environment): string | undefined {
  if (named === '') return undefined;
  const read = absolutePath(named);
  if ('path' in read) return read.path;
  throw new ValidationError('Codex options', [{ path: 'CODEX_HOME', reason: read.problem }]);
}

/** All user input for the command line and the environment of the process, by its path in the options. */
function textsOf({
  config = {},
  configOverrides: lines = [],
  env,
  environment,
}: CodexOptions): [path: string, text: string][] {
  const variables = Object.entries(env ?? environment?.set ?? {});
  const group = env === undefined ? 'environment.set' : 'env';
  return [
    ...configOverrides(config).map((line): [string, string] => [
      `config.${line.slice(0, line.indexOf('='))}`,
      line,
    ]),
    ...lines.map((line, index): [string, string] => [`configOverrides[${index}]`, line]),
    ...variables.map(([name, value]): [string, string] => [`${group}.${name}`, `${name}=${value}`]),
  ];
}

function sourceOf({ env, environment }: CodexOptions, host: Environment): Environment {
  return env ?? preparedEnvironment(host, environment ?? {});
}

function privateSourceOf(
  { env, environment }: CodexOptions,
  host: Environment,
  home: PrivateHome,
  redactor: Redactor,
): Environment {
  if (env !== undefined) return { ...homeAt(home.userHome), ...env };
  const isSecret = (value: string): boolean => redactor.redact(value) !== value;
  return privateEnvironment(host, environment ?? {}, home.userHome, isSecret);
}

/** A proxy cannot reach a provider or an MCP server on this machine. */
function reachingThisMachine(
  options: CodexOptions,
  environment: Record<string, string>,
): Record<string, string> {
  const { baseUrl = '', config = {}, configOverrides: lines = [], modelProvider } = options;
  const servers = Object.values(options.environments ?? {}).map(({ url }) => url);
  const hosts = loopbackHostsIn([baseUrl, JSON.stringify(config), ...lines, ...servers].join('\n'));
  const isLocal = localProviders.includes(modelProvider ?? config.model_provider);
  return hosts.length > 0 || isLocal ? withDirectLoopback(environment, hosts) : environment;
}

function settingsOf(options: CodexOptions): readonly string[] {
  const { isolation, sqliteHome } = options;
  const isPrivate = isolation === 'private';
  return [
    'thread_unload_delay_secs=0',
    // Without this, a turn without network waits indefinitely. The user's own configuration comes later and takes
    // precedence.
    'features.unbounded_connection_retries=false',
    ...(isPrivate ? privateConfiguration : []),
    ...overridesOf(options),
    ...(options.configOverrides ?? []),
    // As a setting, because a variable has lower precedence than the user's configuration.
    ...(sqliteHome === undefined ? [] : configOverrides({ sqlite_home: sqliteHome })),
    // Last, so that no earlier line replaces the table that contains it.
    ...configOverrides(hidingVariables(options)),
  ];
}

function overridesOf(options: CodexOptions): string[] {
  return configOverrides({
    ...options.config,
    ...(options.modelProvider === undefined ? {} : { model_provider: options.modelProvider }),
    ...(options.baseUrl === undefined ? {} : { openai_base_url: options.baseUrl }),
  });
}

function keysFrom(
  options: CodexOptions,
  host: Environment,
): Pick<AuthenticatedLaunchProps, 'apiKey' | 'fallbackApiKey'> {
  const found = findApiKey(options, host);
  if (found === null) return {};
  const { source, key, problem } = found;
  if (problem !== null) throw new ValidationError('Codex options', [problem]);
  const isFallback = source === 'OPENAI_API_KEY' && options.auth !== 'apiKey';
  return isFallback ? { fallbackApiKey: key } : { apiKey: key };
}
