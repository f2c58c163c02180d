import { text } from '../wire/decode.js';
import type { GetAccountResponse } from '../protocol/index.js';

/** The kinds of login. @inline */
export type AccountType = 'apiKey' | 'chatgpt' | 'amazonBedrock' | 'gcp';

/** The account of codex-rs. Frozen; contains no credentials. */
export interface AccountState {
  /** The kind of login, such as `apiKey` or `chatgpt`; null without a login. */
  readonly type: AccountType | null;
  /** The email address of a ChatGPT login, or null. */
  readonly email: string | null;
  /** The plan of a ChatGPT login, such as `plus`, or null. */
  readonly planType: string | null;
  /** The workspace of a ChatGPT login, or null. */
  readonly workspaceName: string | null;
  /** The id of the ChatGPT user, or null. */
  readonly userId: string | null;
  /** Whether the model provider needs a login. A provider with its own key variable does not. */
  readonly requiresLogin: boolean;
}

/** Converts the result of `account/read`. */
export function accountState(response: GetAccountResponse): AccountState {
  const { account, userId, requiresOpenaiAuth } = response;
  const chatGpt = account?.type === 'chatgpt' ? account : null;
  return Object.freeze({
    type: account === null ? null : (text(account.type) as AccountType),
    email: chatGpt?.email ?? null,
    planType: chatGpt?.planType ?? null,
    workspaceName: chatGpt?.workspaceName ?? null,
    userId: userId ?? null,
    requiresLogin: requiresOpenaiAuth,
  });
}
