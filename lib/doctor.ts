import { mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppServerSession } from './wire/app-server-session.js';
import type { CodexBinary } from './transport/binary-locator.js';
import { CodexHome } from './transport/codex-home.js';
import { environmentOf } from './transport/launch-plan.js';
import type { SessionPlan } from './wire/session-plan.js';
import type { PrivateHome } from './isolation/private-home.js';
import { StdioTransport } from './transport/stdio-transport.js';
import type { WithheldVariables } from './isolation/withheld-variables.js';
import { ConfigurationCheck } from './configuration-check.js';
import type { OpenedThread } from './conversation/conversations.js';
import type { DoctorProblem, DoctorReport } from './doctor-report.js';
import { AuthenticationError } from './account/authentication-error.js';
import { messageOf } from './shapes.js';
import { SharedHomeCheck } from './shared-home-check.js';
import { timers } from './timers.js';
import { codexVersionAdvice, codexVersionProblem } from './version.js';
import { UnsupportedCodexError } from './wire/unsupported-codex-error.js';

/** Properties of a {@link Doctor}. @internal */
export interface DoctorProps {
  /** How codex-rs is started. */
  readonly plan: SessionPlan;
  /** Returns the running codex-rs; starts it and logs in if necessary. */
  readonly connect: () => Promise<AppServerSession>;
  /** The home of a private client, created before the checks; null for the user's own home. */
  readonly privateHome: PrivateHome | null;
  /** The variables of this process that the codex process does not get. */
  readonly withheld: WithheldVariables;
  /** Opens an ephemeral thread that appears in no list. */
  readonly openThread: () => Promise<OpenedThread>;
}

/** Checks whether turns can run here, and suggests a remedy for each problem. @internal */
export class Doctor {
  readonly #props: DoctorProps;
  readonly #problems: DoctorProblem[] = [];

  constructor(props: DoctorProps) {
    this.#props = props;
  }

  /** Runs every check that is possible. A failed check becomes a problem in the report; it never throws. */
  async examine(): Promise<DoctorReport> {
    const binary = this.#findBinary();
    const { plan } = this.#props;
    const isHere = (plan.transport?.ownership ?? 'own') === 'own';
    const home = new CodexHome(plan);
    const homeIsWritable = isHere ? await this.#checkHome(home) : null;
    // Without a binary nothing can start; one problem is enough.
    const isMissing = this.#problems.some(({ check }) => check === 'binary');
    const session = isMissing ? null : await this.#start();
    const version = session?.codexVersion ?? binary?.version ?? null;
    const versionIsTested = this.#checkVersion(version, session !== null);
    const account = session === null ? null : await this.#checkAccount(session);
    if (session !== null) await this.#checkConfiguration(session);
    if (session !== null && isHere) await this.#checkSharedHome(session);
    return Object.freeze({
      binary: binary?.path ?? null,
      version,
      versionIsTested,
      account,
      isolation: this.#props.privateHome === null ? 'user' : 'private',
      home: isHere ? home.path : (session?.serverInfo.codexHome ?? null),
      homeIsWritable,
      roundTripMs: session === null ? null : await this.#roundTrip(session),
      sandboxIsUsable: session === null ? null : await this.#checkSandbox(session),
      problems: Object.freeze(this.#problems),
    });
  }

  #findBinary(): CodexBinary | null {
    const { plan } = this.#props;
    const { transport = new StdioTransport() } = plan;
    try {
      return transport.locate(plan);
    } catch (error) {
      return this.#fail('binary', error, 'Install @openai/codex, or pass its path as codexPath.');
    }
  }

  async #checkHome(home: CodexHome): Promise<boolean> {
    try {
      await this.#props.privateHome?.ensure();
      await rmdir(await mkdtemp(join(await home.firstWritten(), '.codex-threads-doctor-')));
      return true;
    } catch (error) {
      this.#fail(
        'home',
        `${home.path} is not writable: ${messageOf(error)}`,
        'Create it as a directory that this user can write, or pass another directory as codexHome.',
      );
      return false;
    }
  }

  async #start(): Promise<AppServerSession | null> {
    try {
      return await this.#props.connect();
    } catch (error) {
      if (AuthenticationError.is(error))
        return this.#fail('account', error, 'Pass a valid apiKey.');
      return UnsupportedCodexError.is(error)
        ? this.#fail('version', error, codexVersionAdvice)
        : this.#fail('start', error, this.#adviceForStart());
    }
  }

  #adviceForStart(): string {
    return (this.#props.plan.transport?.ownership ?? 'own') === 'own'
      ? 'Check that the Codex home is readable, then read the stderr above for why codex exited.'
      : 'Check that the server is running and that the address and the token are correct.';
  }

  async #roundTrip(session: AppServerSession): Promise<number | null> {
    const startedAt = timers.performance.now();
    try {
      await session.request('thread/loaded/list', { limit: 1 });
      return timers.performance.now() - startedAt;
    } catch (error) {
      return this.#fail('start', error, this.#adviceForStart());
    }
  }

  #checkVersion(version: string | null, isKnown: boolean): boolean {
    const problem = codexVersionProblem(version);
    if (problem === null) return true;
    if (isKnown) this.#fail('version', problem, codexVersionAdvice);
    return false;
  }

  async #checkAccount(session: AppServerSession): Promise<string | null> {
    try {
      const { account, requiresOpenaiAuth } = await session.request('account/read', {});
      if (account === null && requiresOpenaiAuth)
        this.#fail(
          'account',
          'Codex has no login and no API key.',
          `Set CODEX_API_KEY, log in with ${this.#props.privateHome === null ? '`codex login`' : 'codex.account'}, or pass apiKey to the client.`,
        );
      return account?.type ?? null;
    } catch (error) {
      return this.#fail('account', error, 'Check the network, or log in again.');
    }
  }

  async #checkConfiguration(session: AppServerSession): Promise<void> {
    const { openThread, plan, withheld, privateHome } = this.#props;
    const check = new ConfigurationCheck({
      session,
      openThread,
      environment: environmentOf(plan),
      withheld,
      isPrivate: privateHome !== null,
    });
    for (const problem of await check.problems())
      this.#fail(problem.check, problem.what, problem.advice);
  }

  async #checkSharedHome(session: AppServerSession): Promise<void> {
    const { plan } = this.#props;
    try {
      const check = new SharedHomeCheck({
        session,
        home: session.serverInfo.codexHome,
        environment: environmentOf(plan),
        openAnother: async () => AppServerSession.open(plan),
      });
      for (const { what, advice } of await check.problems())
        this.#fail('shared-home', what, advice);
    } catch (error) {
      this.#fail(
        'shared-home',
        error,
        `This codex-rs does not support the check. ${codexVersionAdvice}`,
      );
    }
  }

  async #checkSandbox(session: AppServerSession): Promise<boolean | null> {
    // In environments, commands run on other machines.
    if (this.#props.plan.environment.CODEX_EXEC_SERVER_URL === 'none') return null;
    try {
      const { exitCode, stderr } = await session.request('command/exec', {
        command: process.platform === 'win32' ? ['cmd.exe', '/c', 'exit 0'] : ['true'],
        sandboxPolicy: { type: 'readOnly', networkAccess: false },
        timeoutMs: 10_000,
      });
      if (exitCode === 0) return true;
      const said = stderr.trim() === '' ? `exit code ${exitCode}` : stderr.trim();
      this.#fail('sandbox', `The sandbox cannot run a command: ${said}`, sandboxAdvice);
      return false;
    } catch (error) {
      return this.#fail(
        'sandbox',
        error,
        `This codex-rs does not support the check. ${codexVersionAdvice}`,
      );
    }
  }

  #fail(check: DoctorProblem['check'], error: unknown, advice: string): null {
    const what = this.#props.plan.redactor.redact(messageOf(error));
    this.#problems.push(Object.freeze({ check, what, advice }));
    return null;
  }
}

const sandboxAdvice =
  process.platform === 'linux'
    ? 'Allow unprivileged user namespaces (in a container: a seccomp profile that permits them), or use sandboxMode "danger-full-access" where something else isolates the agent.'
    : 'Use sandboxMode "danger-full-access" only where something else isolates the agent.';
