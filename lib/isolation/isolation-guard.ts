import { realpath } from 'node:fs/promises';
import { IsolationViolationError, type IsolationViolation } from './isolation-violation-error.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { settingsIn } from '../transport/toml-overrides.js';
import { decode } from '../wire/decode.js';
import { RequestError, ValidationError } from '../errors.js';
import { UnsupportedCodexError } from '../wire/unsupported-codex-error.js';
import type { ConfigLayer, HookMetadata } from '../protocol/index.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { ExplicitAdditions } from './explicit-additions.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { appsServer, type ThreadReport } from './thread-report.js';

/** The settings that codex-rs itself writes to its home: notices that were shown, and permanent approvals. */
const ownSettings = /^(notice|tui)\b|^(mcp_servers\..+\.tools|apps)\./;

/** Properties of an {@link IsolationGuard}. */
export interface IsolationGuardProps {
  readonly session: AppServerSession;
  readonly client: CodexOptions;
  readonly options: ThreadOptions;
}

/**
 * Ensures that a thread of a private client has only what the options add; otherwise the thread is not used. Before
 * loading, it finds and disables everything else; afterwards it compares codex-rs's own report with the options.
 */
export class IsolationGuard {
  readonly #props: IsolationGuardProps;
  readonly #additions: ExplicitAdditions;

  constructor(props: IsolationGuardProps) {
    this.#props = props;
    this.#additions = new ExplicitAdditions(props.client, props.options);
  }

  get #isPrivate(): boolean {
    return this.#props.client.isolation === 'private';
  }

  /**
   * The options, extended with configuration that disables everything found in the directory and in the user's home.
   *
   * @param beginning - whether the thread is new; an existing thread keeps its approval settings
   * @throws {@link IsolationViolationError} if the private home has its own configuration
   */
  async narrowed(
    options: ThreadOptions,
    directory: string,
    beginning: 'anew' | 'kept',
  ): Promise<ThreadOptions> {
    if (!this.#isPrivate) return options;
    const [policy, skills, real] = await Promise.all([
      this.#configuredPolicy(directory),
      this.#foundSkills(directory),
      realpath(directory).catch(() => directory),
    ]);
    const { approvalMode, approvalPolicy } = options;
    const untrusted = { trust_level: 'untrusted' };
    const isDecided =
      beginning === 'kept' ||
      [approvalMode, approvalPolicy, policy].some((each) => (each ?? null) !== null) ||
      this.#additions.has('approval_policy');
    return options.merge({
      config: {
        projects: { [directory]: untrusted, [real]: untrusted },
        ...(skills.length === 0
          ? {}
          : { skills: { config: [...this.#additions.skills, ...skills] } }),
        // Otherwise codex-rs would ask before every command, because the project is not trusted.
        ...(isDecided ? {} : { approval_policy: 'on-request' }),
      },
    });
  }

  /**
   * Compares codex-rs's report about a loaded thread with the options.
   *
   * @throws {@link IsolationViolationError} with all violations; the thread is unloaded
   */
  async verify(report: ThreadReport): Promise<void> {
    if (!this.#isPrivate) return;
    const { threadId, reported, session } = report.thread;
    const sources = decode('thread/start', () => [...reported.instructionSources], session);
    const servers = await report.unwantedServers((name) => this.#isWanted(name));
    const violations = [
      ...sources.map(ofInstructions),
      ...servers.map(({ name }) => ofServer(name)),
      ...(await this.#hooks(threadId)),
    ];
    if (violations.length > 0) await report.refuse(new IsolationViolationError(violations));
  }

  /** The configured approval policy, or null. */
  async #configuredPolicy(directory: string): Promise<unknown> {
    const { session } = this.#props;
    const { config, layers } = await session.request('config/read', {
      cwd: directory,
      includeLayers: true,
    });
    const violations = decode('config/read', () => (layers ?? []).flatMap(ofLayer), session);
    if (violations.length > 0) throw new IsolationViolationError(violations);
    return config.approval_policy;
  }

  /** Skills are discovered, and used if the user mentions one, even in a project that is not trusted. */
  async #foundSkills(directory: string): Promise<{ path: string; enabled: false }[]> {
    const { session } = this.#props;
    const { data } = await session.request('skills/list', { cwds: [directory], forceReload: true });
    return decode(
      'skills/list',
      () =>
        data
          .flatMap(({ skills }) => skills)
          .filter((skill) => skill.scope !== 'system' && !this.#additions.hasSkill(skill))
          .map(({ path }) => ({ path, enabled: false as const })),
      session,
    );
  }

  #isWanted(server: string): boolean {
    if (this.#additions.hasMcpServer(server)) return true;
    return server === appsServer && this.#additions.hasFeature('apps');
  }

  async #hooks(threadId: string): Promise<IsolationViolation[]> {
    try {
      const { session } = this.#props;
      const { data } = await session.request('hooks/list', { threadId });
      return decode(
        'hooks/list',
        () =>
          data
            .flatMap(({ hooks }) => hooks)
            .filter(isForeign)
            .map(ofHook),
        session,
      );
    } catch (error) {
      // An older codex-rs does not support the request; hooks are disabled anyway.
      if (RequestError.is(error) || UnsupportedCodexError.is(error)) return [];
      throw error;
    }
  }
}

/**
 * Rejects options that would break the isolation.
 *
 * @throws {@link ValidationError}
 */
export function refuseTrust(client: CodexOptions, options: ThreadOptions): void {
  if (client.isolation === 'user' || options.trustProject !== true) return;
  throw new ValidationError('thread options', [
    {
      path: 'trustProject',
      reason:
        'cannot be true with isolation "private", which excludes the configuration of a project: pass the settings you need as config',
    },
  ]);
}

/**
 * Rejects a turn in another directory than the thread's: codex-rs would use the skills found there, and the additions
 * of a thread can be checked only when it is loaded.
 *
 * @throws {@link ValidationError}
 */
export function refuseMove(
  client: CodexOptions,
  { workingDirectory }: ThreadOptions,
  { reported }: LoadedThread,
): void {
  if (client.isolation === 'user' || workingDirectory === undefined) return;
  if (workingDirectory === reported.cwd) return;
  throw new ValidationError('turn options', [
    {
      path: 'workingDirectory',
      reason: `cannot be changed for a single turn with isolation "private" (the thread works in ${reported.cwd}): fork or resume the thread with it`,
    },
  ]);
}

function ofLayer({ name, config }: ConfigLayer): IsolationViolation[] {
  if (name.type !== 'user') return [];
  const settings = settingsIn((config ?? {}) as Parameters<typeof settingsIn>[0])
    .map(([path]) => path)
    .filter((path) => !ownSettings.test(path));
  if (settings.length === 0) return [];
  const shown = settings.slice(0, 5).join(', ');
  return [
    {
      kind: 'configuration',
      what: `${name.file} sets ${shown}${settings.length > 5 ? ', …' : ''}`,
      advice: 'remove it there, and pass it as config of the client',
    },
  ];
}

function ofInstructions(source: string): IsolationViolation {
  return {
    kind: 'instructions',
    what: `The instructions include ${source}`,
    advice: 'remove it, or pass its text as developerInstructions',
  };
}

function ofServer(name: string): IsolationViolation {
  const off = JSON.stringify({ mcp_servers: { [name]: { enabled: false } } });
  return {
    kind: 'mcp-server',
    what: `The MCP server ${JSON.stringify(name)} is enabled`,
    advice: `no option configures it; disable it with config ${off}`,
  };
}

/** Hooks from the options are wanted; hooks managed by the organisation are allowed. */
function isForeign({ source, isManaged, enabled }: HookMetadata): boolean {
  return enabled && !isManaged && source !== 'sessionFlags';
}

function ofHook({ eventName, source, sourcePath }: HookMetadata): IsolationViolation {
  return {
    kind: 'hook',
    what: `A hook for ${eventName} (${source}) is enabled, from ${sourcePath}`,
    advice: 'remove it, or pass it as config of the client',
  };
}
