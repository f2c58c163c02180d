import { AppServerSession, type OpenOptions } from '../app-server/app-server-session.js';
import type { LaunchPlan } from '../app-server/launch-plan.js';
import { retryOnOverload } from '../app-server/overload.js';
import { AuthenticationError, RequestError } from '../errors.js';
import type { Redactor, Secret } from '../redaction.js';

/** What an {@link AuthenticatedLaunch} works with. */
export interface AuthenticatedLaunchProps {
  readonly plan: LaunchPlan;
  /** A key the user chose: it is used whatever login there is. */
  readonly apiKey?: Secret;
  /** A key that is used only when there is no login, so that nobody with a subscription is billed by key unasked. */
  readonly fallbackApiKey?: Secret;
}

/**
 * Opens app-server sessions that are logged in: the built-in provider ignores key variables in app-server mode, so a key
 * goes through `account/login/start`, with the ephemeral store, which writes nothing to disk.
 */
export class AuthenticatedLaunch {
  readonly #props: AuthenticatedLaunchProps;
  #usesFallback = false;

  constructor(props: AuthenticatedLaunchProps) {
    this.#props = props;
  }

  /** Hides the keys in errors. */
  get redactor(): Redactor {
    return this.#props.plan.redactor;
  }

  /** Starts codex-rs and logs in. */
  async open(options: OpenOptions): Promise<AppServerSession> {
    const { plan, apiKey, fallbackApiKey } = this.#props;
    if (apiKey !== undefined) return this.#openWithKey(apiKey, options);
    if (fallbackApiKey === undefined) return AppServerSession.open(plan, options);
    if (this.#usesFallback) return this.#openWithKey(fallbackApiKey, options);
    const session = await AppServerSession.open(plan, options);
    if (!(await this.#lacksAccount(session))) return session;
    // The ephemeral store hides the user's own login, so it is chosen only now, and only by a new process.
    await session.close();
    this.#usesFallback = true;
    return this.#openWithKey(fallbackApiKey, options);
  }

  /**
   * Makes sure that a turn has an account to run with.
   *
   * @throws {@link AuthenticationError} when the provider needs a login and there is none
   */
  async requireAccount(session: AppServerSession): Promise<void> {
    if (this.#props.apiKey !== undefined || this.#usesFallback) return;
    if (await this.#lacksAccount(session))
      throw new AuthenticationError(
        'Codex has no login and no API key: pass apiKey, set CODEX_API_KEY, or log in with `codex login`.',
      );
  }

  async #openWithKey(key: Secret, options: OpenOptions): Promise<AppServerSession> {
    const { plan } = this.#props;
    const configOverrides = [...plan.configOverrides, 'cli_auth_credentials_store="ephemeral"'];
    const session = await AppServerSession.open({ ...plan, configOverrides }, options);
    try {
      // A login with the same key may be made twice.
      await retryOnOverload(
        async () =>
          session.request('account/login/start', { type: 'apiKey', apiKey: key.reveal() }),
        options,
      );
      return session;
    } catch (error) {
      await session.close();
      throw RequestError.is(error) && !error.retryable
        ? new AuthenticationError(`codex-rs refused the API key: ${error.serverMessage}`, error)
        : error;
    }
  }

  async #lacksAccount(session: AppServerSession): Promise<boolean> {
    try {
      const { account, requiresOpenaiAuth } = await session.request('account/read', {});
      return account === null && requiresOpenaiAuth;
    } catch (error) {
      // A ChatGPT login that cannot reach the network fails here: that is not "no login".
      if (RequestError.is(error)) return false;
      throw error;
    }
  }
}
