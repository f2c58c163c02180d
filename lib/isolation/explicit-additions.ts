import { settingsIn } from '../transport/toml-overrides.js';
import { isPlainObject } from '../shapes.js';
import type { CodexOptions } from '../options/codex-options.js';
import { settingAt, type ConfigRecord } from '../options/config-record.js';
import type { ThreadOptions } from '../options/thread-options.js';

/** The additions in the options of a client and of a thread: everything that a private client adds to codex-rs. */
export class ExplicitAdditions {
  readonly #configs: readonly ConfigRecord[];
  readonly #lines: readonly string[];

  constructor(client: CodexOptions, thread: ThreadOptions) {
    this.#configs = [client.config ?? {}, thread.config ?? {}];
    this.#lines = client.configOverrides ?? [];
  }

  /** Whether they configure an MCP server with this name. */
  hasMcpServer(name: string): boolean {
    const table = `mcp_servers.${name}`;
    return this.#has((path) => path === table || path.startsWith(`${table}.`), table);
  }

  /** The MCP servers that they define and do not disable. */
  get mcpServers(): readonly string[] {
    const settings = new Map(this.#serverSettings());
    const names = [...settings.keys()].flatMap((path) => {
      const name = /^mcp_servers\.(.+)\.(?:command|url)$/.exec(path)?.[1];
      return name === undefined ? [] : [name];
    });
    return [...new Set(names)].filter(
      (name) => settings.get(`mcp_servers.${name}.enabled`) !== false,
    );
  }

  /** Whether they enable a feature. */
  hasFeature(name: string): boolean {
    const isOn = this.#configs.some((config) => settingAt(config, `features.${name}`) === true);
    return isOn || this.#lines.some((line) => line.replaceAll(' ', '') === `features.${name}=true`);
  }

  /** The entries of `skills.config`, which enable or disable skills by path or name. */
  get skills(): readonly ConfigRecord[] {
    return this.#configs.flatMap((config) => {
      const entries = settingAt(config, 'skills.config');
      return Array.isArray(entries) ? (entries.filter(isPlainObject) as ConfigRecord[]) : [];
    });
  }

  /** Whether they enable this skill. */
  hasSkill({ path, name }: { readonly path: string; readonly name: string }): boolean {
    return this.skills.some(
      (entry) => entry.enabled !== false && (entry.path === path || entry.name === name),
    );
  }

  /** Whether they contain a setting. */
  has(setting: string): boolean {
    return this.#has((path) => path === setting, setting);
  }

  /** The settings of MCP servers, in the order in which codex-rs applies them: the last one wins. */
  #serverSettings(): (readonly [path: string, value: unknown])[] {
    const [client = {}, ...threads] = this.#configs;
    const said = (config: ConfigRecord): (readonly [string, unknown])[] =>
      settingsIn(config).flatMap(([path, value]) => settingsAt(path, value));
    return [...said(client), ...this.#lines.flatMap(serverSettingsOf), ...threads.flatMap(said)];
  }

  #has(matches: (path: string) => boolean, start: string): boolean {
    return (
      this.#configs.some((config) =>
        settingsIn(config).some(([path, value]) =>
          settingsAt(path, value).some(([inner]) => matches(inner)),
        ),
      ) ||
      this.#lines.some((line) => line.startsWith(start) && /^[.\s=]/.test(line.slice(start.length)))
    );
  }
}

/** The settings of a table that is passed whole. */
function settingsAt(path: string, value: unknown): (readonly [path: string, value: unknown])[] {
  if (!isPlainObject(value)) return [[path, value]];
  return [
    [path, value],
    ...Object.entries(value).flatMap(([key, entry]) => settingsAt(`${path}.${key}`, entry)),
  ];
}

/** The settings of an MCP server in a raw line; of an inline table only the relevant ones. */
function serverSettingsOf(line: string): (readonly [path: string, value: unknown])[] {
  const { path, value } =
    /^\s*(?<path>mcp_servers\.[\w.-]+)\s*=(?<value>.*)$/s.exec(line)?.groups ?? {};
  if (path === undefined || value === undefined) return [];
  const settings = [...value.matchAll(/[{,]\s*(?<key>command|url|enabled)\s*=\s*(?<text>[^,}]*)/g)];
  return [
    [path, value.trim() !== 'false'],
    ...settings.map(
      ({ groups = {} }) => [`${path}.${groups.key}`, groups.text?.trim() !== 'false'] as const,
    ),
  ];
}
