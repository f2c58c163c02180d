import type { JsonValue } from '../../protocol/index.js';
import { isRecord } from '../../shapes.js';

const methods = new Set(['initialize', 'initialized', 'account/login/start', 'account/read']);

/**
 * Whether a message of a client only makes a process ready to be used. That depends on the key and the login there is, not on
 * the program: a replay needs none, so that these may be sent more or less often than they were recorded. A login with a
 * browser is none of them.
 *
 * @internal
 */
export function isLogin(message: Readonly<Record<string, JsonValue>>): boolean {
  const { method, params } = message;
  if (typeof method !== 'string' || !methods.has(method)) return false;
  if (method !== 'account/login/start') return true;
  return isRecord(params) && params.type === 'apiKey';
}

/** What codex-rs says to those that were not recorded: a provider that needs no login. @internal */
export const unrecordedLogin: Readonly<Record<string, JsonValue>> = {
  initialize: {
    userAgent: 'codex-threads/0.0.0 (Linux 0.0.0; x86_64) terminal (codex-threads; 0.0.0)',
    codexHome: '/codex-home',
    platformFamily: 'unix',
    platformOs: 'linux',
  },
  'account/login/start': { type: 'apiKey' },
  'account/read': { account: null, requiresOpenaiAuth: false },
};
