import type { AppServerSession, OpenOptions } from '../wire/app-server-session.js';
import { withCallLimits } from '../wire/call-limits.js';
import type { SessionPlan } from '../wire/session-plan.js';
import { retryOnOverload } from '../wire/overload.js';
import { sharedReply } from '../shared-reply.js';
import { RequestError } from '../errors.js';
import { AuthenticationError } from './authentication-error.js';
import type { Redactor, Secret } from '../redaction.js';

/** Properties of an {@link AuthenticatedLaunch}. */
export interface AuthenticatedLaunchProps {
  readonly plan: SessionPlan;
  /** A key from the user, used regardless of an existing login. */
  readonly apiKey?: Secret;
  /** A key used only without a login, so that a subscriber is not billed by key unintentionally. */
  readonly fallbackApiKey?: Secret;
}

/** Where a login is stored: in this client only, or by codex-rs in its home, for all programs that use it. @inline */
export type LoginStore = 'memory' | 'home';

/** The login for new processes. */
export type LoginChoice =
  | {
      readonly store: 'memory';
      /** The key to log in with; null for no login. */
      readonly key: Secret | null;
    }
  | {
      readonly store: 'home';
      /** The key to use if the home has no login. */
      readonly fallback: Secret | null;
    };

/**
 * Opens app-server sessions that are logged in. The built-in provider ignores key variables in app-server mode, so a
 * key is sent with `account/login/start` and the ephemeral store, which writes nothing to disk.
 */
export class AuthenticatedLaunch {
  readonly #plan: SessionPlan;
  readonly #logins = new WeakMap<AppServerSession, LoginChoice>();
  /** Whether each process lacks an account, with its `loginChanges` at that time. */
  readonly #answers = new WeakMap<AppServerSession, AccountAnswer>();
  #choice: LoginChoice;

  constructor({ plan, apiKey, fallbackApiKey }: AuthenticatedLaunchProps) {
    this.#plan = plan;
    this.#choice =
      apiKey === undefined
        ? { store: 'home', fallback: fallbackApiKey ?? null }
        : { store: 'memory', key: apiKey };
  }

  /** Hides the keys in errors. */
  get redactor(): Redactor {
    return this.#plan.redactor;
  }

  /** Whether other clients use the server. */
  get isShared(): boolean {
    return this.#plan.transport?.ownership === 'shared';
  }

  /** Starts codex-rs and logs in. */
  async open(options: OpenOptions): Promise<AppServerSession> {
    const choice = this.#choice;
    if (choice.store === 'memory') return this.#openInMemory(choice.key, options);
    const session = await started(this.#plan, options);
    this.#logins.set(session, choice);
    if (!(await this.#needsFallback(session, choice.fallback, options))) return session;
    // The ephemeral store hides the user's own login, so it is chosen only now, and only for a new process.
    await session.close();
    if (this.#choice === choice) this.#choice = { store: 'memory', key: choice.fallback };
    return this.#openInMemory(choice.fallback, options);
  }

  /** Sets the login for the next processes, and returns the previous one. */
  choose(choice: LoginChoice): LoginChoice {
    const before = this.#choice;
    this.#choice = choice;
    return before;
  }

  /** The login of a process. */
  loginOf(session: AppServerSession): LoginChoice {
    return this.#logins.get(session) ?? this.#choice;
  }

  /** Logs in a running process with a key, replacing its login. */
  async logIn(session: AppServerSession, key: Secret, options: Abortable = {}): Promise<void> {
    try {
      // A login with the same key can be repeated.
      await retryOnOverload(
        async () =>
          session.request('account/login/start', { type: 'apiKey', apiKey: key.reveal() }, options),
        options,
      );
    } catch (error) {
      if (!RequestError.is(error) || error.retryable) throw error;
      const { serverMessage } = error;
      throw new AuthenticationError(`codex-rs rejected the API key: ${serverMessage}`, {
        cause: error,
      });
    }
    const { store } = this.loginOf(session);
    this.#logins.set(session, store === 'memory' ? { store, key } : { store, fallback: null });
  }

  /** Logs out a running process and its successors. */
  async logOut(session: AppServerSession): Promise<void> {
    await session.request('account/logout', undefined);
    const { store } = this.loginOf(session);
    // Neither the home's login nor a key in the environment may replace the removed one.
    this.#choice = store === 'memory' ? { store, key: null } : { store, fallback: null };
    this.#logins.set(session, this.#choice);
  }

  /**
   * Ensures that a turn has an account. codex-rs is asked once, and again when its login may have changed.
   *
   * @throws {@link AuthenticationError} if the provider needs a login that is missing
   */
  async requireAccount(session: AppServerSession): Promise<void> {
    const login = this.loginOf(session);
    if (login.store === 'memory' && login.key !== null) return;
    if ((await this.#lacksAccount(session)) === true)
      throw new AuthenticationError(
        'Codex has no login and no API key: pass apiKey, set CODEX_API_KEY, log in with codex.account (loginWithApiKey, loginWithChatGpt or loginWithDeviceCode), or run `codex login`.',
      );
  }

  async #openInMemory(key: Secret | null, options: OpenOptions): Promise<AppServerSession> {
    const configOverrides = [
      ...this.#plan.configOverrides,
      'cli_auth_credentials_store="ephemeral"',
    ];
    const session = await started({ ...this.#plan, configOverrides }, options);
    this.#logins.set(session, { store: 'memory', key: null });
    try {
      if (key !== null) await this.logIn(session, key, options);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #needsFallback(
    session: AppServerSession,
    fallback: Secret | null,
    options: Abortable,
  ): Promise<boolean> {
    if (fallback === null) return false;
    try {
      return (await this.#lacksAccount(session, options)) === true;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Null if codex-rs cannot answer. A positive answer is cached, also for concurrent turns. */
  async #lacksAccount(session: AppServerSession, options: Abortable = {}): Promise<boolean | null> {
    const { loginChanges } = session;
    const known = this.#answers.get(session);
    if (known?.loginChanges === loginChanges) return sharedReply('account/read', known.lacks);
    const lacks = withCallLimits({}, async () => readLack(session, options));
    const answer = { loginChanges, lacks };
    this.#answers.set(session, answer);
    const forget = (lacks?: boolean | null): void => {
      if (lacks !== false && this.#answers.get(session) === answer) this.#answers.delete(session);
    };
    answer.lacks.then(forget, () => {
      forget();
    });
    return sharedReply('account/read', answer.lacks);
  }
}

type Abortable = Pick<OpenOptions, 'signal'>;

interface AccountAnswer {
  readonly loginChanges: number;
  readonly lacks: Promise<boolean | null>;
}

async function readLack(session: AppServerSession, options: Abortable): Promise<boolean | null> {
  try {
    const { account, requiresOpenaiAuth } = await session.request('account/read', {}, options);
    return account === null && requiresOpenaiAuth;
  } catch (error) {
    // A ChatGPT login without network fails here, which does not mean "no login".
    if (RequestError.is(error)) return null;
    throw error;
  }
}

/** Modules that run a process are loaded with the first one, to keep the import of the package fast. */
async function started(plan: SessionPlan, options: OpenOptions): Promise<AppServerSession> {
  const { AppServerSession: Session } = await import('../wire/app-server-session.js');
  return Session.open(plan, options);
}
