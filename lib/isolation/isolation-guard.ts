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

/** What codex-rs itself writes into its home: what it has shown, and what an approval allowed for good. */
const ownSettings = /^(notice|tui)\b|^(mcp_servers\..+\.tools|apps)\./;

/** What an {@link IsolationGuard} works with. */
export interface IsolationGuardProps {
  readonly session: AppServerSession;
  readonly client: CodexOptions;
  readonly options: ThreadOptions;
}

/**
 * Sees to it that a thread of a private client has nothing but what the options add, or that it is not used: before, it
 * looks at what there is and keeps it away; afterwards it holds codex-rs's own report against the options.
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
   * The options with configuration that keeps away what lies about in the directory and in the home of the user.
   *
   * @param beginning - whether the thread is new, or keeps what was agreed about approvals
   * @throws {@link IsolationViolationError} when the private home has configuration of its own
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
        // Else codex-rs would ask before every command, since the project is not trusted.
        ...(isDecided ? {} : { approval_policy: 'on-request' }),
      },
    });
  }

  /**
   * Holds what codex-rs reports of a loaded thread against the options.
   *
   * @throws {@link IsolationViolationError} with everything that got in; the thread is unloaded
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

  /** The approval policy that somebody configured, or null. */
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

  /** Skills are found, and taken in where the user names one, also in a project that is not trusted. */
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
      // An older codex-rs cannot be asked; hooks are off all the same.
      if (RequestError.is(error) || UnsupportedCodexError.is(error)) return [];
      throw error;
    }
  }
}

/**
 * Refuses what would undo the isolation.
 *
 * @throws {@link ValidationError}
 */
export function refuseTrust(client: CodexOptions, options: ThreadOptions): void {
  if (client.isolation === 'user' || options.trustProject !== true) return;
  throw new ValidationError('thread options', [
    {
      path: 'trustProject',
      reason:
        'cannot be true with isolation "private", which keeps the configuration of a project out: add what you need of it by config',
    },
  ]);
}

/**
 * Refuses a turn in another directory than the thread's: codex-rs would take in the skills it finds there, and what a
 * thread may have can be told only when it is loaded.
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
      advice: 'remove it there, and give it as config of the client',
    },
  ];
}

function ofInstructions(source: string): IsolationViolation {
  return {
    kind: 'instructions',
    what: `${source} is among the instructions`,
    advice: 'remove it, or give its text as developerInstructions',
  };
}

function ofServer(name: string): IsolationViolation {
  const off = JSON.stringify({ mcp_servers: { [name]: { enabled: false } } });
  return {
    kind: 'mcp-server',
    what: `The MCP server ${JSON.stringify(name)} is there`,
    advice: `no option configures it; keep it away with config ${off}`,
  };
}

/** Hooks of the options are wanted, and those that the organisation manages are its own business. */
function isForeign({ source, isManaged, enabled }: HookMetadata): boolean {
  return enabled && !isManaged && source !== 'sessionFlags';
}

function ofHook({ eventName, source, sourcePath }: HookMetadata): IsolationViolation {
  return {
    kind: 'hook',
    what: `A hook for ${eventName} (${source}) is there, from ${sourcePath}`,
    advice: 'remove it, or give it as config of the client',
  };
}
