import {
  RequestError,
  TransportError,
  ValidationError,
  type ValidationProblem,
} from '../errors.js';
import {
  readServer,
  type ExecServerOptions,
  type ExecServerOptionsRecord,
} from '../options/exec-server-options.js';
import { environmentNameProblem } from '../options/thread-environment.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { EnvironmentError } from './environment-error.js';

/** The report of codex-rs on an environment. */
export interface EnvironmentReport {
  /** Its name in the options of threads. */
  readonly name: string;
  /** The address of its exec-server. */
  readonly url: string;
  /** Whether codex-rs is connected to its exec-server. */
  readonly status: 'ready' | 'pending' | 'disconnected' | 'unknown';
  /** The reason why it is not ready, or null. */
  readonly error: string | null;
  /** The directory that the exec-server was started in, or null if it cannot be asked. */
  readonly workingDirectory: string | null;
  /** The shell that runs its commands, or null if it cannot be asked. */
  readonly shell: string | null;
}

/**
 * The environments of a client: the exec-servers that run the commands of its threads. codex-rs does not keep them, so they
 * are added at each of its starts.
 *
 * @example
 * ```ts
 * await codex.environments.add('builder', { url: server.url });
 * for (const { name, status, workingDirectory } of await codex.environments.list())
 *   console.log(name, status, workingDirectory === directory); // builder ready true
 * ```
 */
export class Environments {
  readonly #appServer: AppServer;
  readonly #isOn: boolean;
  readonly #servers: Map<string, ExecServerOptions>;

  /** @internal */
  constructor(
    appServer: AppServer,
    servers: Readonly<Record<string, ExecServerOptions>> | undefined,
  ) {
    this.#appServer = appServer;
    this.#isOn = servers !== undefined;
    this.#servers = new Map(Object.entries(servers ?? {}));
  }

  /** Whether the commands of this client run in environments only. @internal */
  get isOn(): boolean {
    return this.#isOn;
  }

  /**
   * Adds an environment, or gives one another address (`environment/add`): for the codex-rs that runs, and at each start.
   * Nothing is connected before a thread needs it.
   *
   * @throws `ValidationError` for invalid options, and if the client was made without `environments`
   */
  async add(name: string, options: ExecServerOptionsRecord): Promise<void> {
    const problems: ValidationProblem[] = [];
    const reason = environmentNameProblem(name);
    if (reason !== null) problems.push({ path: 'name', reason });
    if (!this.#isOn)
      problems.push({
        path: '',
        reason:
          'requires a client with environments, at least new Codex({ environments: {} }), because other clients run commands on their own machine',
      });
    const server = readServer(options, '', problems);
    if (problems.length > 0) throw new ValidationError('environment', problems);
    this.#servers.set(name, server);
    const { session } = this.#appServer;
    if (session !== null) await addTo(session, name, server);
  }

  /** The environments, with what codex-rs reports of each; connects those that were not used yet. Starts codex-rs. */
  async list(): Promise<readonly EnvironmentReport[]> {
    if (this.#servers.size === 0) return [];
    const session = await this.#appServer.connect();
    return Promise.all(
      [...this.#servers].map(async ([name, { url }]) => {
        const before = await statusOf(session, name);
        // codex-rs waits for an exec-server that it has lost.
        const info =
          before.status === 'disconnected'
            ? null
            : await infoOf(session, name).catch((error: unknown) => {
                if (!EnvironmentError.is(error)) throw error;
                return null;
              });
        const { status, error = null } = await statusOf(session, name);
        return Object.freeze({
          name,
          url,
          status,
          error,
          workingDirectory: pathOf(info?.cwd ?? null),
          shell: info?.shell.path ?? null,
        });
      }),
    );
  }

  /**
   * Adds them to a codex-rs that was just started, once that cannot run commands on its own machine.
   *
   * @throws {@link EnvironmentError} `local-environment` if it can; the session is closed
   * @internal
   */
  async serve(session: AppServerSession): Promise<void> {
    if (!this.#isOn) return;
    try {
      const { status } = await statusOf(session, 'local');
      if (status !== 'unknown')
        throw new EnvironmentError({ code: 'local-environment', environment: 'local' });
      await Promise.all(
        [...this.#servers].map(async ([name, server]) => addTo(session, name, server)),
      );
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /**
   * Refuses a thread that names no environment, or one that this client does not have.
   *
   * @throws {@link ValidationError}
   * @internal
   */
  check({ environments }: ThreadOptions): void {
    const names = [...this.#servers.keys()].map((name) => JSON.stringify(name)).join(', ');
    const known = names === '' ? 'it has none yet' : `it has ${names}`;
    const problems: ValidationProblem[] = [];
    if (this.#isOn && (environments ?? []).length === 0)
      problems.push({
        path: 'environments',
        reason: `must name an environment of this client, which runs no commands on this machine (${known})`,
      });
    for (const [index, { name }] of (environments ?? []).entries())
      if (!this.#servers.has(name))
        problems.push({
          path: `environments[${index}].name`,
          reason: `must be an environment of this client (${known}): pass it to new Codex({ environments }), got ${JSON.stringify(name)}`,
        });
    if (problems.length > 0) throw new ValidationError('thread options', problems);
  }
}

/**
 * Makes sure that the exec-servers of a turn can be reached: codex-rs would wait for them for some 45 seconds, then run the
 * turn, whose commands fail where only the model sees it.
 *
 * @throws {@link EnvironmentError}
 */
export async function requireEnvironments(
  session: AppServerSession,
  { environments = [] }: ThreadOptions,
): Promise<void> {
  await Promise.all(
    environments.map(async ({ name }) => {
      const { status, error = null } = await statusOf(session, name);
      if (status === 'unknown')
        throw new EnvironmentError({
          code: 'environment-unknown',
          environment: name,
          detail: error,
        });
      if (status !== 'ready') await infoOf(session, name);
    }),
  );
}

/** How long a connection to an exec-server may take before a turn is refused, in milliseconds. */
const patienceMs = 5000;

async function addTo(
  session: AppServerSession,
  name: string,
  { url, token, connectTimeoutMs }: ExecServerOptions,
): Promise<void> {
  await session.request('environment/add', {
    environmentId: name,
    execServerUrl: url,
    ...(token === undefined ? {} : { authBearerToken: token.reveal() }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  });
}

async function statusOf(
  session: AppServerSession,
  environmentId: string,
): Promise<{ readonly status: EnvironmentReport['status']; readonly error?: string }> {
  return session.request('environment/status', { environmentId });
}

async function infoOf(
  session: AppServerSession,
  environment: string,
): Promise<{ readonly cwd: string | null; readonly shell: { readonly path: string } }> {
  try {
    return await session.request(
      'environment/info',
      { environmentId: environment },
      { timeoutMs: patienceMs },
    );
  } catch (error) {
    const isLate = TransportError.is(error) && error.code === 'timeout';
    if (!RequestError.is(error) && !isLate) throw error;
    throw new EnvironmentError({
      code: 'environment-unreachable',
      environment,
      detail: RequestError.is(error) ? error.serverMessage : error.message,
      cause: error,
    });
  }
}

/** The path of a file URI, which another system may have written. */
function pathOf(uri: string | null): string | null {
  if (uri === null || !URL.canParse(uri)) return uri;
  const { hostname, pathname } = new URL(uri);
  const path = decodeURIComponent(pathname);
  if (hostname !== '') return `\\\\${hostname}${path.replaceAll('/', '\\')}`;
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1).replaceAll('/', '\\') : path;
}
