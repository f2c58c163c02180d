import { text } from '../wire/decode.js';
import type { GetAccountResponse } from '../protocol/index.js';

/** The kinds of login. @inline */
export type AccountType = 'apiKey' | 'chatgpt' | 'amazonBedrock' | 'gcp';

/** Who codex-rs works for. Frozen; no credential is in it. */
export interface AccountState {
  /** The kind of login, such as `apiKey` or `chatgpt`; null when there is none. */
  readonly type: AccountType | null;
  /** The address of a ChatGPT login, or null. */
  readonly email: string | null;
  /** The plan of a ChatGPT login, such as `plus`, or null. */
  readonly planType: string | null;
  /** The workspace of a ChatGPT login, or null. */
  readonly workspaceName: string | null;
  /** The id of the ChatGPT user, or null. */
  readonly userId: string | null;
  /** Whether the model provider needs a login at all; one with a key variable of its own does not. */
  readonly requiresLogin: boolean;
}

/** What `account/read` says, in our words. */
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
