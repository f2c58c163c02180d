import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { decode } from '../wire/decode.js';
import { CodexError, ValidationError } from '../errors.js';
import { readSecret, type Secret } from '../redaction.js';
import { accountState, type AccountState } from './account-state.js';
import type { AuthenticatedLaunch, LoginChoice, LoginStore } from './authenticated-launch.js';
import { PendingLogin, type ChatGptLoginType } from './pending-login.js';

/** Properties of an {@link Account}. @internal */
export interface AccountProps {
  readonly appServer: AppServer;
  readonly launch: AuthenticatedLaunch;
}

/**
 * The account of codex-rs: reads it, logs in and logs out.
 *
 * A login or logout here replaces the `apiKey` option and the keys in the environment: this client does not use them
 * again, even after a crash, so that nothing is billed to a replaced login.
 *
 * With an external codex-rs (`WebSocketTransport`, `UnixSocketTransport`), this is the account of that server: a login
 * or logout affects all of its users.
 *
 * @example
 * ```ts
 * await codex.account.loginWithApiKey('sk-of-the-user-1234');
 * const { type } = await codex.account.read();
 * console.log(type); // apiKey
 * ```
 */
export class Account {
  readonly #appServer: AppServer;
  readonly #launch: AuthenticatedLaunch;
  #queue: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor({ appServer, launch }: AccountProps) {
    this.#appServer = appServer;
    this.#launch = launch;
  }

  /**
   * Reads the account (`account/read`); starts codex-rs if necessary.
   *
   * @throws `RequestError` if codex-rs cannot read it, such as for a ChatGPT login without network
   */
  async read({ refreshToken = false }: ReadAccountOptions = {}): Promise<AccountState> {
    const response = await this.#appServer.request('account/read', { refreshToken });
    return decode('account/read', () => accountState(response), this.#appServer);
  }

  /**
   * Logs in with an API key, replacing any other login of this client. Loaded threads use it from now on.
   *
   * By default the key stays in the memory of this client, which passes it to codex-rs again after a crash. With the
   * store `"home"`, codex-rs writes it to its home, replacing the login there, as `codex login --with-api-key` does.
   *
   * @throws `ValidationError` for an invalid key, and for the store `"memory"` with a server that others use too
   * @throws {@link AuthenticationError} if codex-rs rejects the key; the previous login stays
   * @throws `CodexError` `account-busy` if the other store requires a restart of codex-rs while turns are running;
   * nothing was changed
   */
  async loginWithApiKey(
    key: string | Secret,
    { store = 'memory' }: ApiKeyLoginOptions = {},
  ): Promise<void> {
    const secret = readSecret(key, 1);
    if (typeof secret === 'string')
      throw new ValidationError('API key', [{ path: 'key', reason: secret }]);
    if (!['memory', 'home'].includes(store))
      throw new ValidationError('login options', [
        { path: 'store', reason: `must be "memory" or "home", got ${JSON.stringify(store)}` },
      ]);
    if (store === 'memory' && this.#launch.isShared)
      throw new ValidationError('login options', [{ path: 'store', reason: loginOfServer }]);
    this.#launch.redactor.learn(secret);
    const choice = store === 'memory' ? { store, key: secret } : { store, fallback: null };
    await this.#change(choice, async (session) => {
      const login = this.#launch.loginOf(session);
      // A process that was just started already has it.
      if (login.store === 'memory' && login.key === secret) return;
      await this.#launch.logIn(session, secret);
    });
  }

  /**
   * Starts a ChatGPT login in a browser on this machine: codex-rs listens on a local port for the redirect. A pending
   * login is cancelled.
   *
   * codex-rs stores the login in its home, replacing the one there.
   *
   * @throws {@link AuthenticationError} `login-failed` if it cannot be started; the previous login stays
   * @throws `CodexError` `account-busy` if it requires a restart of codex-rs while turns are running; nothing was
   * changed
   */
  async loginWithChatGpt(): Promise<PendingLogin> {
    return this.#begin('chatgpt');
  }

  /**
   * Starts a ChatGPT login with a code, in a browser on any machine. Needs the network.
   *
   * codex-rs stores the login in its home, replacing the one there.
   *
   * @throws {@link AuthenticationError} `login-failed` if it cannot be started; the previous login stays
   * @throws `CodexError` `account-busy` if it requires a restart of codex-rs while turns are running; nothing was
   * changed
   */
  async loginWithDeviceCode(): Promise<PendingLogin> {
    return this.#begin('chatgptDeviceCode');
  }

  /**
   * Logs out (`account/logout`). Forgets a key of this client; otherwise removes the login in the home of codex-rs, for
   * all programs that use it. Turns reject with `AuthenticationError` until the next login here.
   */
  async logout(): Promise<void> {
    await this.#inOrder(async () => this.#launch.logOut(await this.#appServer.connect()));
  }

  async #begin(type: ChatGptLoginType): Promise<PendingLogin> {
    return this.#change({ store: 'home', fallback: null }, async (session) =>
      PendingLogin.begin(session, type),
    );
  }

  /** Runs the work with a process that stores its login as chosen; the choice is kept only if the work succeeds. */
  async #change<T>(
    choice: LoginChoice,
    work: (session: AppServerSession) => Promise<T>,
  ): Promise<T> {
    return this.#inOrder(async () => {
      const before = this.#launch.choose(choice);
      try {
        return await work(await this.#sessionWith(choice.store));
      } catch (error) {
        this.#launch.choose(before);
        // If the work failed, a process started for it would lack the previous login.
        const { session } = this.#appServer;
        if (session?.isIdle === true && this.#launch.loginOf(session).store !== before.store)
          await this.#appServer.recycle('restoring the previous login');
        throw error;
      }
    });
  }

  async #sessionWith(store: LoginStore): Promise<AppServerSession> {
    const session = await this.#appServer.connect();
    if (this.#launch.loginOf(session).store === store) return session;
    if (!session.isIdle)
      throw new CodexError(
        'This login requires a restart of codex-rs, which would end its running turns: wait for the turns of this client, or interrupt them first.',
        { code: 'account-busy', retryable: true },
      );
    await this.#appServer.recycle('its login moves to another store');
    return this.#appServer.connect();
  }

  async #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

const loginOfServer =
  'must be "home" with a shared server: it has one login for all of its users, which this call would replace';

/** Options of {@link Account.read}. @inline */
export interface ReadAccountOptions {
  /** Whether to refresh the tokens of a ChatGPT login first. Defaults to `false`. */
  readonly refreshToken?: boolean;
}

/** Options of {@link Account.loginWithApiKey}. @inline */
export interface ApiKeyLoginOptions {
  /**
   * Where to store the key. `"memory"`: in this client only; nothing is written. `"home"`: in codex-rs's own store, for
   * all programs that use its home. Defaults to `"memory"`.
   */
  readonly store?: LoginStore;
}
