import type { AppServerSession } from '../wire/app-server-session.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import { text, decode } from '../wire/decode.js';
import { CodexError, RequestError } from '../errors.js';
import { AuthenticationError } from './authentication-error.js';
import type { LoginAccountResponse } from '../protocol/index.js';
import { loggedIn, type WaitOptions } from './login-wait.js';

/** The kind of a ChatGPT login: in a browser on this machine, or with a code in any browser. */
export type ChatGptLoginType = 'chatgpt' | 'chatgptDeviceCode';

/**
 * A login that waits for a person: show them {@link PendingLogin.url}, and {@link PendingLogin.userCode} if there is
 * one.
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
  /** The id of this login. */
  readonly loginId: string;
  /** The page to open in a browser. */
  readonly url: string;
  /** The code to enter there, or null if the page does not need one. */
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

  /** Starts a login. @internal */
  static async begin(session: AppServerSession, type: ChatGptLoginType): Promise<PendingLogin> {
    try {
      const response = await session.request('account/login/start', { type });
      const offer = decode('account/login/start', () => offerIn(response), session);
      const completed = completion(session, offer.loginId);
      // The caller need not wait for it.
      completed.catch(() => undefined);
      return new PendingLogin(offer, session, completed);
    } catch (error) {
      if (!RequestError.is(error)) throw error;
      throw new AuthenticationError(`codex-rs could not start the login: ${error.serverMessage}`, {
        code: 'login-failed',
        // An unreachable site may become reachable; any other failure would repeat.
        retryable: error.retryable || meaningOf(error) === 'unreachable-site',
        cause: error,
      });
    }
  }

  /**
   * Waits until the user has logged in, which changes the account. Can be called repeatedly, also after a timeout,
   * which does not cancel the login.
   *
   * @throws {@link AuthenticationError} `login-failed`, `login-canceled`, or `login-timeout` after `timeoutMs`
   * @throws {@link TransportError} if codex-rs has exited, which ends the login; `options.signal.reason`
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    await loggedIn({ session: this.#session, completed: this.#completed }, options);
  }

  /**
   * Cancels the login; {@link PendingLogin.wait} rejects.
   *
   * @returns whether it was pending; false if it had already ended
   */
  async cancel(): Promise<boolean> {
    const { loginId } = this;
    try {
      const { status } = await this.#session.request('account/login/cancel', { loginId });
      return status === 'canceled';
    } catch (error) {
      // It ended with its process.
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

/** Settles when codex-rs reports the end of the login, or exits. */
async function completion(session: AppServerSession, loginId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = session.onMethod('account/login/completed', ({ params }) => {
      if (params.loginId !== loginId) return;
      forget();
      if (params.success) resolve();
      else reject(unsuccessful(params.error));
    });
    session.onClose(reject);
  });
}

function unsuccessful(said: string | null): AuthenticationError {
  // codex-rs has no error kind for it: only the message distinguishes a cancelled or replaced login from a failed one.
  const isCanceled = /cancell?ed|not completed/i.test(said ?? '');
  const what = isCanceled ? 'was cancelled' : 'failed';
  return new AuthenticationError(
    `The ChatGPT login ${what}: ${said ?? 'codex-rs did not report a reason'}. Start another one with codex.account.`,
    { code: isCanceled ? 'login-canceled' : 'login-failed' },
  );
}
