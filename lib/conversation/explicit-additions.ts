import { settingsIn } from '../app-server/toml-overrides.js';
import type { CodexOptions } from '../thread/codex-options.js';
import { settingAt, type ConfigRecord } from '../thread/config-record.js';
import type { ThreadOptions } from '../thread/thread-options.js';

/** What the options of a client and of a thread add by themselves: all that a private client has besides codex-rs. */
export class ExplicitAdditions {
  readonly #configs: readonly ConfigRecord[];
  readonly #lines: readonly string[];

  constructor(client: CodexOptions, thread: ThreadOptions) {
    this.#configs = [client.config ?? {}, thread.config ?? {}];
    this.#lines = client.configOverrides ?? [];
  }

  /** Whether they configure an MCP server of this name. */
  hasMcpServer(name: string): boolean {
    const table = `mcp_servers.${name}`;
    return this.#has((path) => path === table || path.startsWith(`${table}.`), table);
  }

  /** Whether they turn a feature on. */
  hasFeature(name: string): boolean {
    const isOn = this.#configs.some((config) => settingAt(config, `features.${name}`) === true);
    return isOn || this.#lines.some((line) => line.replaceAll(' ', '') === `features.${name}=true`);
  }

  /** The entries of `skills.config`, which turn skills on or off by path or name. */
  get skills(): readonly ConfigRecord[] {
    return this.#configs.flatMap((config) => {
      const entries = settingAt(config, 'skills.config');
      return Array.isArray(entries) ? entries.filter(isTable) : [];
    });
  }

  /** Whether they turn this skill on. */
  hasSkill({ path, name }: { readonly path: string; readonly name: string }): boolean {
    return this.skills.some(
      (entry) => entry.enabled !== false && (entry.path === path || entry.name === name),
    );
  }

  /** Whether they say what a setting is. */
  has(setting: string): boolean {
    return this.#has((path) => path === setting, setting);
  }

  #has(matches: (path: string) => boolean, start: string): boolean {
    return (
      this.#configs.some((config) =>
        settingsIn(config).some(([path, value]) => pathsAt(path, value).some(matches)),
      ) ||
      this.#lines.some((line) => line.startsWith(start) && /^[.\s=]/.test(line.slice(start.length)))
    );
  }
}

/** A table that is given whole has settings too. */
function pathsAt(path: string, value: unknown): string[] {
  if (!isTable(value)) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, entry]) => pathsAt(`${path}.${key}`, entry)),
  ];
}

function isTable(value: unknown): value is ConfigRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
