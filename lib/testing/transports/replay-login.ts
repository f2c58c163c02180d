import type { JsonValue } from '../../protocol/index.js';
import { isRecord } from '../../shapes.js';

const methods = new Set(['initialize', 'initialized', 'account/login/start', 'account/read']);

/**
 * Whether a message of a client only prepares a process. These messages depend on the key and the login, not on the
 * program. A replay does not need a login, so they may be sent more or less often than recorded. A browser login is not
 * among them.
 *
 * @internal
 */
export function isLogin(message: Readonly<Record<string, JsonValue>>): boolean {
  const { method, params } = message;
  if (typeof method !== 'string' || !methods.has(method)) return false;
  if (method !== 'account/login/start') return true;
  return isRecord(params) && params.type === 'apiKey';
}

/** The replies of codex-rs to unrecorded ones: those of a provider that does not need a login. @internal */
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
