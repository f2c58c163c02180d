import { CodexError } from '../errors.js';

/**
 * `auth` is `"apiKey"`, but no key was found.
 *
 * @example
 * ```ts
 * try {
 *   new Codex({ auth: 'apiKey', env: { PATH: process.env.PATH } });
 * } catch (error) {
 *   if (!MissingApiKeyError.is(error)) throw error;
 *   console.log(error.code); // missing-api-key
 * }
 * ```
 */
export class MissingApiKeyError extends CodexError {
  static override readonly errorName: string = 'MissingApiKeyError';

  constructor() {
    super(
      'An API key is required because auth is "apiKey": pass apiKey, or set CODEX_API_KEY or OPENAI_API_KEY in the environment.',
      { code: 'missing-api-key' },
    );
  }
}
