import type { ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { mergedConfig, settingAt, type ConfigRecord, type ConfigValue } from './config-record.js';

/** The options that can name variables: the configuration and the model provider. */
export interface NamingOptions {
  readonly config?: ConfigRecord;
  readonly configOverrides?: readonly string[];
  readonly modelProvider?: string;
}

/** Options of {@link hidingVariables}. */
export interface HidingOptions extends NamingOptions {
  readonly isolation: 'user' | 'private';
}

/** Determines which variables codex-rs does not receive, and which it cannot use. */
export interface Withholding {
  has(name: string): boolean;
  remedy(name: string): string;
  /** The reason why the value of a variable cannot be sent as a key, or null. */
  flaw(name: string): string | null;
}

/** An environment variable that the configuration names, with its setting. */
export interface NamedVariable {
  readonly name: string;
  /** The setting, as a dotted path. */
  readonly setting: string;
}

/** Settings that name a variable, as dotted paths. */
const ofProvider = /^model_providers\..+\.(?:env_key$|env_http_headers\.)/;
const ofServer = /^mcp_servers\..+\.(?:bearer_token_env_var$|env_vars$|env_http_headers\.)/;

/** The setting that holds the variables for the commands of the agent. */
const variablesOfCommands = 'shell_environment_policy.set';

/** The variable with the key of the configured provider, or null if the provider has no own variable. */
export function providerKey({ config, modelProvider }: NamingOptions): NamedVariable | null {
  const id = modelProvider ?? config?.model_provider;
  if (config === undefined || typeof id !== 'string') return null;
  const setting = `model_providers.${id}.env_key`;
  const name = settingAt(config, setting);
  return typeof name === 'string' ? { name, setting } : null;
}

/** The names of the variables with the keys and headers of all configured providers, used or not. */
export function providerVariables({ config, configOverrides = [] }: NamingOptions): string[] {
  const named = variablesAt(config, ofProvider).map(({ name }) => name);
  return [...new Set([...named, ...namedInLines(configOverrides, 'model_providers')])];
}

/**
 * Configuration that hides variables of codex-rs from the commands of the agent: those of providers, and with isolation
 * `"private"` those of MCP servers. Variables that `shell_environment_policy.set` already sets, and the rest of that
 * policy, do not change.
 *
 * @param client - the options of the client
 * @param thread - the configuration of the thread, if it is meant for one
 */
export function hidingVariables(client: HidingOptions, thread?: ConfigRecord): ConfigRecord {
  const { configOverrides = [], isolation } = client;
  const config = mergedConfig(client.config ?? {}, thread ?? {});
  const ofServers = (): string[] => [
    ...variablesAt(config, ofServer).map(({ name }) => name),
    ...namedInLines(configOverrides, 'mcp_servers'),
  ];
  const names = [
    ...providerVariables({ config, configOverrides }),
    ...(isolation === 'private' ? ofServers() : []),
  ];
  const isSet = (name: string): boolean => {
    const setting = `${variablesOfCommands}.${name}`;
    return (
      settingAt(config, setting) !== undefined ||
      configOverrides.some((line) => line.slice(0, line.indexOf('=')).trim() === setting)
    );
  };
  const hidden = names.filter((name) => !isSet(name));
  if (hidden.length === 0) return {};
  // An empty value, because `exclude` would replace the names that the user excludes.
  const set = Object.fromEntries(hidden.map((name) => [name, '']));
  // Use the existing spelling of the table name: given two tables, codex-rs keeps only the one that it reads last.
  return Object.hasOwn(thread ?? config, variablesOfCommands)
    ? { [variablesOfCommands]: set }
    : { shell_environment_policy: { set } };
}

/** Reports named variables that cannot be used. Otherwise the failure would appear during a turn, or not at all. */
export function withheldProblems(
  options: NamingOptions,
  withheld: Withholding,
): readonly ValidationProblem[] {
  const key = providerKey(options);
  const used = key?.setting.replace(/env_key$/, '');
  const ofUsed = variablesAt(options.config, ofProvider).filter(
    ({ setting }) => used !== undefined && setting.startsWith(used),
  );
  return [...ofUsed, ...variablesAt(options.config, ofServer)].flatMap(({ name, setting }) => {
    const flaw = setting === key?.setting ? withheld.flaw(name) : null;
    const reason = withheld.has(name)
      ? `which is set for this process but not for codex-rs: ${withheld.remedy(name)}`
      : flaw && `whose value ${flaw}`;
    return reason === null
      ? []
      : [{ path: `config.${setting}`, reason: `names ${name}, ${reason}` }];
  });
}

function variablesAt(config: ConfigRecord | undefined, setting: RegExp): NamedVariable[] {
  return config === undefined
    ? []
    : leavesOf(config, '').filter(({ setting: path }) => setting.test(path));
}

/** Every string in the configuration, with the path of its setting. */
function leavesOf(value: ConfigValue | undefined, setting: string): NamedVariable[] {
  if (typeof value === 'string') return [{ name: value, setting }];
  if (isList(value))
    return value.flatMap((entry) => leavesOf(isPlainObject(entry) ? entry.name : entry, setting));
  if (!isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member, setting === '' ? name : `${setting}.${name}`),
  );
}

function isList(value: ConfigValue | undefined): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

/** The variables that the raw `key=value` configuration lines name for a table, by setting or by inline table. */
function namedInLines(lines: readonly string[], table: string): string[] {
  const own = lines.filter((line) => /^\s*(\w+)/.exec(line)?.[1] === table);
  return own.flatMap((line) => {
    const keys = line.matchAll(/\b(?:env_key|bearer_token_env_var)["']?\s*=\s*["']?([^"'\s,}]+)/g);
    const header = line.matchAll(/^[^=]*\.env_http_headers\.[^=]*=\s*["']?([^"'\s]+)/g);
    const headers = [...line.matchAll(/\benv_http_headers["']?\s*=\s*\{([^}]*)\}/g)].flatMap(
      ([, members = '']) => [...members.matchAll(/=\s*["']([^"']+)/g)],
    );
    return [...keys, ...header, ...headers].map(([, name = '']) => name);
  });
}
