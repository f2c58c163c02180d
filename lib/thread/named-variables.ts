import type { ValidationProblem } from '../errors.js';
import { settingAt, type ConfigRecord, type ConfigValue } from './config-record.js';

/** What names variables: the configuration, and the choice of a provider. */
export interface NamingOptions {
  readonly config?: ConfigRecord;
  readonly modelProvider?: string;
}

/** Tells which variables codex-rs does not get. */
export interface Withholding {
  has(name: string): boolean;
  remedy(name: string): string;
}

/** An environment variable that the configuration names, and where. */
export interface NamedVariable {
  readonly name: string;
  /** The setting, as a dotted path. */
  readonly setting: string;
}

/** The variable from which the configured provider takes its key, or null when it has none of its own. */
export function providerKey({ config, modelProvider }: NamingOptions): NamedVariable | null {
  const id = modelProvider ?? config?.model_provider;
  if (config === undefined || typeof id !== 'string') return null;
  const setting = `model_providers.${id}.env_key`;
  const name = settingAt(config, setting);
  return typeof name === 'string' ? { name, setting } : null;
}

/** The variables that codex-rs itself is to read: the key of the provider, and what MCP servers get or send. */
export function namedVariables(options: NamingOptions): readonly NamedVariable[] {
  const key = providerKey(options);
  const { config = {} } = options;
  const servers = Object.keys(tableAt(config, 'mcp_servers')).flatMap((server) =>
    ofServer(config, `mcp_servers.${server}`),
  );
  return key === null ? servers : [key, ...servers];
}

/** The variables that are named and withheld all the same: else they would be missed in the middle of a turn, or never. */
export function withheldProblems(
  options: NamingOptions,
  withheld: Withholding,
): readonly ValidationProblem[] {
  return namedVariables(options)
    .filter(({ name }) => withheld.has(name))
    .map(({ name, setting }) => ({
      path: `config.${setting}`,
      reason: `names ${name}, which this process has and codex-rs does not get: ${withheld.remedy(name)}`,
    }));
}

function ofServer(config: ConfigRecord, server: string): NamedVariable[] {
  const bearer = `${server}.bearer_token_env_var`;
  const headers = `${server}.env_http_headers`;
  const passed = `${server}.env_vars`;
  const list = settingAt(config, passed);
  return [
    ...named(settingAt(config, bearer), bearer),
    ...Object.values(tableAt(config, headers)).flatMap((value) => named(value, headers)),
    ...(Array.isArray(list) ? list : []).flatMap((value: ConfigValue) =>
      named(isTable(value) ? value.name : value, passed),
    ),
  ];
}

function named(value: ConfigValue | undefined, setting: string): NamedVariable[] {
  return typeof value === 'string' ? [{ name: value, setting }] : [];
}

function tableAt(config: ConfigRecord, path: string): ConfigRecord {
  const table = settingAt(config, path);
  return isTable(table) ? table : {};
}

function isTable(value: ConfigValue | undefined): value is ConfigRecord {
  return typeof value === 'object' && !Array.isArray(value);
}
