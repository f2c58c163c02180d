import type { ValidationProblem } from '../errors.js';
import { readSecret, Secret } from '../redaction.js';
import type { ServerOwnership } from '../transport/app-server-transport.js';
import type { EnvironmentOptions } from './environment-options.js';

/** The variables that may hold the key, in the order of their precedence. */
const keyVariables = ['CODEX_API_KEY', 'OPENAI_API_KEY'] as const;

/** A key and its source. @internal */
export interface FoundApiKey {
  readonly source: 'apiKey' | (typeof keyVariables)[number];
  readonly key: Secret;
  /** The reason why it cannot be sent, or null. */
  readonly problem: ValidationProblem | null;
}

/** The options of a client that affect the key. @internal */
export interface KeyPlaces {
  readonly apiKey?: Secret;
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: EnvironmentOptions;
  readonly transport?: { readonly ownership: ServerOwnership };
}

/**
 * Returns the key for the login: the `apiKey` option, else the first of `CODEX_API_KEY` and `OPENAI_API_KEY` that is in
 * the environment of the codex process and not blank; otherwise null. White space around a key is removed.
 *
 * @internal
 */
export function findApiKey(
  options: KeyPlaces,
  ambient: Readonly<Record<string, string | undefined>>,
): FoundApiKey | null {
  if (options.apiKey !== undefined) return { source: 'apiKey', key: options.apiKey, problem: null };
  // A server that this client does not start has its own environment and login.
  if ((options.transport?.ownership ?? 'own') !== 'own') return null;
  for (const source of keyVariables) {
    const { value, path } = seen(source, options, ambient);
    if (value === undefined || value.trim() === '') continue;
    const read = readSecret(value, 1);
    return typeof read === 'string'
      ? { source, key: new Secret(value.trim()), problem: { path, reason: read } }
      : { source, key: read, problem: null };
  }
  return null;
}

/** The value of a variable in the codex process, and where it is set. */
function seen(
  name: string,
  { env, environment }: KeyPlaces,
  ambient: Readonly<Record<string, string | undefined>>,
): { readonly value: string | undefined; readonly path: string } {
  if (env !== undefined) return { value: env[name], path: `env.${name}` };
  const set = environment?.set?.[name];
  if (set !== undefined) return { value: set, path: `environment.set.${name}` };
  const isPassed =
    (environment?.inherit ?? 'all') === 'all' || environment?.pass?.includes(name) === true;
  return {
    value: isPassed ? ambient[name] : undefined,
    path: `${name} (environment variable)`,
  };
}
