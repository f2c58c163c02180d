import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { decode } from '../wire/decode.js';
import { CodexError, ValidationError } from '../errors.js';
import { readSecret, type Secret } from '../redaction.js';
import { accountState, type AccountState } from './account-state.js';
import type { AuthenticatedLaunch, LoginChoice, LoginStore } from './authenticated-launch.js';
import { PendingLogin, type ChatGptLoginType } from './pending-login.js';

/** What an {@link Account} works with. @internal */
export interface AccountProps {
  readonly appServer: AppServer;
  readonly launch: AuthenticatedLaunch;
}

/**
 * Who codex-rs works for: reads the account, logs in and out.
 *
 * What is asked for here takes the place of the `apiKey` option and of keys in the environment: these are used no more by
 * this client, also not after a crash, so that nobody pays in a way that they have left.
 *
 * With a codex-rs that runs somewhere else (`WebSocketTransport`, `UnixSocketTransport`), all of this is about the account of
 * that server: logging in or out there does so for everybody who uses it.
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
   * The account (`account/read`); starts codex-rs when it does not run.
   *
   * @throws `RequestError` when codex-rs cannot tell, such as for a ChatGPT login without network
   */
  async read({ refreshToken = false }: ReadAccountOptions = {}): Promise<AccountState> {
    const response = await this.#appServer.request('account/read', { refreshToken });
    return decode('account/read', () => accountState(response), this.#appServer);
  }

  /**
   * Logs in with an API key, in place of any other login of this client. Threads that are loaded use it from now on.
   *
   * By default the key stays in the memory of this client, which gives it to codex-rs again after a crash. With the store
   * `"home"` codex-rs writes it to its home, in place of the login there, as `codex login --with-api-key` does.
   *
   * @throws `ValidationError` for a key that is none, and for the store `"memory"` with a server that others use too
   * @throws {@link AuthenticationError} when codex-rs refuses it; the login before stays
   * @throws `CodexError` `account-busy` when the other store needs codex-rs started anew, and turns run; nothing was done
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
      // A process that was started just now has it already.
      if (login.store === 'memory' && login.key === secret) return;
      await this.#launch.logIn(session, secret);
    });
  }

  /**
   * Begins a login to ChatGPT in a browser on this machine: codex-rs waits on a port of it for the browser to come back.
   * A login that still waits is given up for it.
   *
   * codex-rs keeps the login in its home, in place of the one there.
   *
   * @throws {@link AuthenticationError} `login-failed` when it cannot begin; the login before stays
   * @throws `CodexError` `account-busy` when codex-rs has to be started anew for it, and turns run; nothing was done
   */
  async loginWithChatGpt(): Promise<PendingLogin> {
    return this.#begin('chatgpt');
  }

  /**
   * Begins a login to ChatGPT with a code, in a browser on any machine. Needs the network.
   *
   * codex-rs keeps the login in its home, in place of the one there.
   *
   * @throws {@link AuthenticationError} `login-failed` when it cannot begin; the login before stays
   * @throws `CodexError` `account-busy` when codex-rs has to be started anew for it, and turns run; nothing was done
   */
  async loginWithDeviceCode(): Promise<PendingLogin> {
    return this.#begin('chatgptDeviceCode');
  }

  /**
   * Logs out (`account/logout`). A key of this client is forgotten; else the login in the home of codex-rs is removed, for
   * every program that uses it. Turns reject with `AuthenticationError` until somebody logs in here.
   */
  async logout(): Promise<void> {
    await this.#inOrder(async () => this.#launch.logOut(await this.#appServer.connect()));
  }

  async #begin(type: ChatGptLoginType): Promise<PendingLogin> {
    return this.#change({ store: 'home', fallback: null }, async (session) =>
      PendingLogin.begin(session, type),
    );
  }

  /** Does the work with a process that keeps its login where the choice says; the choice holds only if that goes well. */
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
        // A process that was started for nothing would lack the login before.
        const { session } = this.#appServer;
        if (session?.isIdle === true && this.#launch.loginOf(session).store !== before.store)
          await this.#appServer.recycle('the login before holds');
        throw error;
      }
    });
  }

  async #sessionWith(store: LoginStore): Promise<AppServerSession> {
    const session = await this.#appServer.connect();
    if (this.#launch.loginOf(session).store === store) return session;
    if (!session.isIdle)
      throw new CodexError(
        'This login needs codex-rs to be started anew, which would cut short what it does: wait for the turns of this client, or interrupt them first.',
        { code: 'account-busy', retryable: true },
      );
    await this.#appServer.recycle('its login is to be kept elsewhere');
    return this.#appServer.connect();
  }

  async #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

const loginOfServer =
  'must be "home" with a server that others use too: it has one login for everybody, which this call would replace';

/** How {@link Account.read} reads. @inline */
export interface ReadAccountOptions {
  /** Whether the tokens of a ChatGPT login are renewed first. Defaults to `false`. */
  readonly refreshToken?: boolean;
}

/** Where {@link Account.loginWithApiKey} keeps the key. @inline */
export interface ApiKeyLoginOptions {
  /**
   * `"memory"`: this client only, nothing is written. `"home"`: codex-rs's own store, for every program that uses its home.
   * Defaults to `"memory"`.
   */
  readonly store?: LoginStore;
}
