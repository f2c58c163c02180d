import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import { settingsIn } from '../transport/toml-overrides.js';
import { decode } from '../wire/decode.js';
import { ValidationError, type ValidationProblem } from '../errors.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { appsServer, type ThreadReport } from './thread-report.js';

/** Properties of a {@link SurfaceGuard}. */
export interface SurfaceGuardProps {
  readonly session: AppServerSession;
  readonly options: ThreadOptions;
  /** The working directory of the thread, if known: a project may have its own servers. */
  readonly directory: string | null;
}

/** Ensures that a thread's model gets only the tools that its options allow; otherwise the thread is not used. */
export class SurfaceGuard {
  readonly #props: SurfaceGuardProps;

  constructor(props: SurfaceGuardProps) {
    this.#props = props;
  }

  /** The options, extended with configuration that disables every MCP server that is not named. */
  async narrowed(): Promise<ThreadOptions> {
    const { session, options, directory } = this.#props;
    const named = options.toolSurface?.mcpServers;
    if (named === undefined) return options;
    const { config } = await session.request('config/read', { cwd: directory });
    const configured = decode('config/read', () => Object.keys(config.mcp_servers ?? {}), session);
    const away = [...configured, ...serversIn(options)].filter((name) => !named.includes(name));
    if (away.length === 0) return options;
    const servers = Object.fromEntries(away.map((name) => [name, { enabled: false }]));
    return options.merge({ config: { mcp_servers: servers } });
  }

  /**
   * Rejects a thread that is already loaded: codex-rs would not change its tools.
   *
   * @throws {@link ValidationError}
   */
  async requireUnloaded(threadId: string): Promise<void> {
    const { session, options } = this.#props;
    if (options.toolSurface === undefined) return;
    const loaded = paged(session, async (cursor) =>
      session.request('thread/loaded/list', { cursor }),
    );
    for await (const id of loaded)
      if (id === threadId)
        throw refusal([
          {
            path: 'toolSurface',
            reason:
              'cannot be enforced on a thread that codex-rs has already loaded, such as that of a sub-agent',
          },
        ]);
  }

  /**
   * Compares codex-rs's report about a thread with the options with which it was loaded.
   *
   * @throws {@link ValidationError} with everything that could not be enforced; the thread is unloaded
   */
  async verify(report: ThreadReport): Promise<void> {
    const { threadId } = report.thread;
    const problems = [...(await this.#features(threadId)), ...(await this.#servers(report))];
    if (problems.length > 0) await report.refuse(refusal(problems));
  }

  async #features(threadId: string): Promise<ValidationProblem[]> {
    const { session, options } = this.#props;
    const unwanted = new Map<string, string>();
    if (options.toolSurface?.shell === false) unwanted.set('shell_tool', 'shell');
    if (options.toolSurface?.apps === false) unwanted.set('apps', 'apps');
    if (unwanted.size === 0) return [];
    const features = paged(session, async (cursor) =>
      session.request('experimentalFeature/list', { threadId, cursor, limit: 1000 }),
    );
    const problems: ValidationProblem[] = [];
    for await (const { name, enabled } of features) {
      const path = unwanted.get(name);
      if (path === undefined || !enabled) continue;
      const reason = `cannot be false here: codex-rs keeps its feature ${name} enabled, as a policy of the organisation can require`;
      problems.push({ path: `toolSurface.${path}`, reason });
    }
    return problems;
  }

  async #servers(report: ThreadReport): Promise<ValidationProblem[]> {
    const named = this.#props.options.toolSurface?.mcpServers;
    if (named === undefined) return [];
    const known = (await report.servers()).map(({ name }) => name);
    const unwanted = await report.unwantedServers(
      (name) => named.includes(name) || name === appsServer,
    );
    return [
      ...unwanted.map(({ name, pluginId }) =>
        atServers(`do not name ${JSON.stringify(name)}, ${remedy(name, pluginId)}`),
      ),
      ...named
        .filter((name) => !known.includes(name))
        .map((name) => atServers(missing(name, known))),
    ];
  }
}

function atServers(reason: string): ValidationProblem {
  return { path: 'toolSurface.mcpServers', reason };
}

function remedy(name: string, pluginId: string | null): string {
  if (pluginId === null) return 'which codex-rs offers anyway';
  const config = { plugins: { [pluginId]: { mcp_servers: { [name]: { enabled: false } } } } };
  return `which the plugin ${pluginId} offers anyway: disable it with config ${JSON.stringify(config)}`;
}

function missing(name: string, found: readonly string[]): string {
  const known = found.map((each) => JSON.stringify(each)).join(', ');
  return `name ${JSON.stringify(name)}, which is unknown to codex-rs; it has ${known === '' ? 'none' : known}`;
}

/** The servers configured in the options themselves. */
function serversIn({ config = {} }: ThreadOptions): string[] {
  return settingsIn(config).flatMap(([path, value]) => {
    if (path === 'mcp_servers') return Object.keys(value);
    const [table, name] = path.split('.');
    return table === 'mcp_servers' && name !== undefined ? [name] : [];
  });
}

function refusal(problems: readonly ValidationProblem[]): ValidationError {
  return new ValidationError('thread options', problems);
}
