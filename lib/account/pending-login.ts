import type { AppServerSession } from '../wire/app-server-session.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import { text, decode } from '../wire/decode.js';
import { CodexError, RequestError } from '../errors.js';
import { AuthenticationError } from './authentication-error.js';
import type { LoginAccountResponse } from '../protocol/index.js';
import { loggedIn, type WaitOptions } from './login-wait.js';

/** How somebody logs in to ChatGPT: in a browser on this machine, or with a code in a browser anywhere. */
export type ChatGptLoginType = 'chatgpt' | 'chatgptDeviceCode';

/**
 * A login that waits for a person: show them {@link PendingLogin.url}, and {@link PendingLogin.userCode} if there is one.
 *
 * @example
 * ```ts
 * const login = await codex.account.loginWithChatGpt();
 * show(login.url);
 * try {
 *   await login.wait({ timeoutMs: 100 });
 * } catch (error) {
 *   if (!AuthenticationError.is(error)) throw error;
 *   console.log(error.code); // login-timeout
 *   await login.cancel();
 * }
 * ```
 */
export class PendingLogin {
  /** What codex-rs calls this login. */
  readonly loginId: string;
  /** The page to open in a browser. */
  readonly url: string;
  /** The code to type in there, or null when the page needs none. */
  readonly userCode: string | null;
  readonly #session: AppServerSession;
  readonly #completed: Promise<void>;

  private constructor(
    { loginId, url, userCode }: LoginOffer,
    session: AppServerSession,
    completed: Promise<void>,
  ) {
    this.loginId = loginId;
    this.url = url;
    this.userCode = userCode;
    this.#session = session;
    this.#completed = completed;
  }

  /** Begins a login. @internal */
  static async begin(session: AppServerSession, type: ChatGptLoginType): Promise<PendingLogin> {
    try {
      const response = await session.request('account/login/start', { type });
      const offer = decode('account/login/start', () => offerIn(response), session);
      const completed = completion(session, offer.loginId);
      // Nobody has to wait for it.
      completed.catch(() => undefined);
      return new PendingLogin(offer, session, completed);
    } catch (error) {
      if (!RequestError.is(error)) throw error;
      throw new AuthenticationError(`codex-rs could not begin the login: ${error.serverMessage}`, {
        code: 'login-failed',
        // The site could not be reached, which may change; anything else would be refused again.
        retryable: error.retryable || meaningOf(error) === 'unreachable-site',
        cause: error,
      });
    }
  }

  /**
   * Waits until the person has logged in; the account is theirs then. It may be called again, also after it has given up
   * waiting, which leaves the login as it is.
   *
   * @throws {@link AuthenticationError} `login-failed`, `login-canceled`, or `login-timeout` when `timeoutMs` has passed
   * @throws {@link TransportError} when codex-rs has ended, and the login with it; `options.signal.reason`
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    await loggedIn({ session: this.#session, completed: this.#completed }, options);
  }

  /**
   * Gives the login up. {@link PendingLogin.wait} rejects then.
   *
   * @returns whether it was still pending; false when it is over, however it ended
   */
  async cancel(): Promise<boolean> {
    const { loginId } = this;
    try {
      const { status } = await this.#session.request('account/login/cancel', { loginId });
      return status === 'canceled';
    } catch (error) {
      // It has ended with its process.
      if (this.#session.closeReason !== null && CodexError.is(error)) return false;
      throw error;
    }
  }

  /** The same as {@link PendingLogin.cancel}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }
}

interface LoginOffer {
  readonly loginId: string;
  readonly url: string;
  readonly userCode: string | null;
}

function offerIn(response: LoginAccountResponse): LoginOffer {
  if (response.type === 'chatgpt')
    return { loginId: text(response.loginId), url: text(response.authUrl), userCode: null };
  if (response.type !== 'chatgptDeviceCode')
    throw new TypeError(`Expected a ChatGPT login, got ${response.type}.`);
  const { loginId, verificationUrl, userCode } = response;
  return { loginId: text(loginId), url: text(verificationUrl), userCode: text(userCode) };
}

/** Settles when codex-rs says that the login is over, or is over itself. */
async function completion(session: AppServerSession, loginId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = session.onNotification(({ method, params }) => {
      if (method !== 'account/login/completed' || params.loginId !== loginId) return;
      forget();
      if (params.success) resolve();
      else reject(unsuccessful(params.error));
    });
    session.onClose(reject);
  });
}

function unsuccessful(said: string | null): AuthenticationError {
  // codex-rs has no kind for it: only the words tell a login that was given up, here or for a newer one, from one that failed.
  const isCanceled = /cancell?ed|not completed/i.test(said ?? '');
  const what = isCanceled ? 'was given up' : 'failed';
  return new AuthenticationError(
    `The ChatGPT login ${what}: ${said ?? 'codex-rs does not say why'}. Begin another one with codex.account.`,
    { code: isCanceled ? 'login-canceled' : 'login-failed' },
  );
}
