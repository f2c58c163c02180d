import { Secret } from '../redaction.js';
import type { EnvironmentOptions } from './environment-options.js';

/** The variables a key is looked for in, in this order. */
const keyVariables = ['CODEX_API_KEY', 'OPENAI_API_KEY'] as const;

/** A key and where it was found. @internal */
export interface FoundApiKey {
  readonly source: 'apiKey' | (typeof keyVariables)[number];
  readonly key: Secret;
}

/** Where a key may be: in the options of a client. @internal */
export interface KeyPlaces {
  readonly apiKey?: Secret;
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: EnvironmentOptions;
}

/**
 * The key to log in with: the `apiKey` option, else the first of `CODEX_API_KEY` and `OPENAI_API_KEY` that the codex
 * process would see; null when there is none.
 *
 * @internal
 */
export function findApiKey(options: KeyPlaces, ambient: NodeJS.ProcessEnv): FoundApiKey | null {
  if (options.apiKey !== undefined) return { source: 'apiKey', key: options.apiKey };
  for (const source of keyVariables) {
    const value = seen(source, options, ambient)?.trim() ?? '';
    if (value !== '') return { source, key: new Secret(value) };
  }
  return null;
}

function seen(
  name: string,
  { env, environment }: KeyPlaces,
  ambient: NodeJS.ProcessEnv,
): string | undefined {
  if (env !== undefined) return env[name];
  const inherit = environment?.inherit ?? 'all';
  const pass = environment?.pass ?? [];
  return (
    environment?.set?.[name] ??
    (inherit === 'all' || pass.includes(name) ? ambient[name] : undefined)
  );
}
