import type { ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { mergedConfig, settingAt, type ConfigRecord, type ConfigValue } from './config-record.js';

/** What names variables: the configuration, and the choice of a provider. */
export interface NamingOptions {
  readonly config?: ConfigRecord;
  readonly configOverrides?: readonly string[];
  readonly modelProvider?: string;
}

/** What {@link hidingVariables} goes by. */
export interface HidingOptions extends NamingOptions {
  readonly isolation: 'user' | 'private';
}

/** Tells which variables codex-rs does not get, and which it cannot use. */
export interface Withholding {
  has(name: string): boolean;
  remedy(name: string): string;
  /** Why the value of a variable cannot be sent as a key, or null. */
  flaw(name: string): string | null;
}

/** An environment variable that the configuration names, and where. */
export interface NamedVariable {
  readonly name: string;
  /** The setting, as a dotted path. */
  readonly setting: string;
}

/** Settings that name a variable, as dotted paths. */
const ofProvider = /^model_providers\..+\.(?:env_key$|env_http_headers\.)/;
const ofServer = /^mcp_servers\..+\.(?:bearer_token_env_var$|env_vars$|env_http_headers\.)/;

/** Where variables for the commands of the agent are set. */
const variablesOfCommands = 'shell_environment_policy.set';

/** The variable from which the configured provider takes its key, or null when it has none of its own. */
export function providerKey({ config, modelProvider }: NamingOptions): NamedVariable | null {
  const id = modelProvider ?? config?.model_provider;
  if (config === undefined || typeof id !== 'string') return null;
  const setting = `model_providers.${id}.env_key`;
  const name = settingAt(config, setting);
  return typeof name === 'string' ? { name, setting } : null;
}

/** The names of the variables that the providers take their keys and headers from, whichever of them is used. */
export function providerVariables({ config, configOverrides = [] }: NamingOptions): string[] {
  const named = variablesAt(config, ofProvider).map(({ name }) => name);
  return [...new Set([...named, ...namedInLines(configOverrides, 'model_providers')])];
}

/**
 * Configuration that keeps from the commands of the agent what codex-rs itself reads: the variables of providers, and with
 * isolation `"private"` those of MCP servers. A variable that `shell_environment_policy.set` gives a value is left alone,
 * and so is the rest of that policy.
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
  // An empty value: excluded names would take the place of those that the user excludes.
  const set = Object.fromEntries(hidden.map((name) => [name, '']));
  // By the name that the table has there: codex-rs would have one of the two tables, whichever it takes last.
  return Object.hasOwn(thread ?? config, variablesOfCommands)
    ? { [variablesOfCommands]: set }
    : { shell_environment_policy: { set } };
}

/** The variables that are named and cannot be used: else they would be missed in the middle of a turn, or never. */
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
      ? `which this process has and codex-rs does not get: ${withheld.remedy(name)}`
      : flaw && `the value of which ${flaw}`;
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

/** Every text in the configuration, with the path of the setting that holds it. */
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

/** What the raw `key=value` configuration lines for a table name, be it with a setting or in a table. */
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
