import { isSecretName } from '../secret-name.js';

/** Model keys that are not passed to the child: codex-rs would pass them to every command of the agent. */
export const modelKeys: readonly string[] = ['CODEX_API_KEY', 'OPENAI_API_KEY'];

/**
 * The environment of the codex process: the given one without the model keys, except for names that a provider needs.
 *
 * @param source - the host's environment, or the user's replacement
 * @param keys - names from which providers read their keys and headers. They are kept even if they are model keys.
 * Their values are trimmed, because codex-rs does not send a key with a line break
 */
export function childEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  keys: readonly string[],
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    const isKey = keys.includes(name);
    if (value === undefined || (modelKeys.includes(name) && !isKey)) continue;
    environment[name] = isKey ? value.trim() : value;
  }
  return environment;
}

/** How to build an environment. */
export interface EnvironmentRecipe {
  /** The variables to start from: all, those that every program needs, or none. Defaults to all. */
  readonly inherit?: 'all' | 'core' | 'none' | undefined;
  /** Names of additional variables to pass. */
  readonly pass?: readonly string[] | undefined;
  /** Variables to set, with their values. */
  readonly set?: Readonly<Record<string, string>> | undefined;
}

/** Variables that every program needs: paths, user, locale, network. */
const coreNames =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|LANG|LANGUAGE|LC_\w+|TMPDIR|TEMP|TMP|XDG_RUNTIME_DIR|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|CODEX_CA_CERTIFICATE|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*)$/i;

/** Builds an environment from the host's by a recipe. */
export function preparedEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  { inherit = 'all', pass = [], set = {} }: EnvironmentRecipe,
): Record<string, string | undefined> {
  const isKept = (name: string): boolean =>
    inherit === 'all' || pass.includes(name) || (inherit === 'core' && coreNames.test(name));
  return { ...Object.fromEntries(Object.entries(host).filter(([name]) => isKept(name))), ...set };
}

/** Where other programs of the user store their settings and credentials. */
const homeNames: readonly string[] = ['HOME', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'];

/**
 * Builds the environment of a private client from the host's. By default it contains the variables that every program
 * needs, without secrets and without those of the user's own Codex, and another `HOME`.
 *
 * @param home - replaces the user's home directory
 * @param isSecret - whether a value is known to be a secret, or looks like one
 */
export function privateEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  recipe: EnvironmentRecipe,
  home: string,
  isSecret: (value: string) => boolean,
): Record<string, string | undefined> {
  const { inherit = 'core', pass = [], set = {} } = recipe;
  const isInherited = ([name, value = '']: [string, string | undefined]): boolean => {
    if (pass.includes(name)) return true;
    if (homeNames.includes(name.toUpperCase())) return false;
    // A network proxy may need a password, and CODEX_CA_CERTIFICATE is not a setting of the user's Codex.
    if (coreNames.test(name)) return true;
    return !/^CODEX_/i.test(name) && !isSecretName(name) && !isSecret(value);
  };
  const inherited = Object.entries(preparedEnvironment(host, { inherit, pass })).filter(
    isInherited,
  );
  return { ...homeAt(home), ...Object.fromEntries(inherited), ...set };
}

/** The variables that make this directory the home of every program started with them. */
export function homeAt(home: string): Record<string, string> {
  return process.platform === 'win32' ? { HOME: home, USERPROFILE: home } : { HOME: home };
}
