import { isSecretName } from '../secret-name.js';

/** Model keys that no child gets: codex-rs would hand them on to every command of the agent. */
export const modelKeys: readonly string[] = ['CODEX_API_KEY', 'OPENAI_API_KEY'];

/**
 * The environment of the codex process: the given one without the model keys, except names a provider needs.
 *
 * @param source - the host's environment, or what the user put in its place
 * @param keys - names that providers take their keys and headers from. They stay although they are model keys, and lose the
 * white space around them: codex-rs would send a key with a line end not at all
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

/** How an environment is put together. */
export interface EnvironmentRecipe {
  /** What to start from: everything, what every program needs, or nothing. Defaults to everything. */
  readonly inherit?: 'all' | 'core' | 'none' | undefined;
  /** Names that are passed on besides. */
  readonly pass?: readonly string[] | undefined;
  /** Variables with the values they get. */
  readonly set?: Readonly<Record<string, string>> | undefined;
}

/** What every program needs: paths, the user, the language, the way to the network. */
const coreNames =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|LANG|LANGUAGE|LC_\w+|TMPDIR|TEMP|TMP|XDG_RUNTIME_DIR|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|CODEX_CA_CERTIFICATE|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*)$/i;

/** The environment that a recipe makes of the host's. */
export function preparedEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  { inherit = 'all', pass = [], set = {} }: EnvironmentRecipe,
): Record<string, string | undefined> {
  const isKept = (name: string): boolean =>
    inherit === 'all' || pass.includes(name) || (inherit === 'core' && coreNames.test(name));
  return { ...Object.fromEntries(Object.entries(host).filter(([name]) => isKept(name))), ...set };
}

/** Where other programs of the user keep what they have for them. */
const homeNames: readonly string[] = ['HOME', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'];

/**
 * The environment that a recipe makes of the host's for a private client: what is not named begins with what every
 * program needs, has no secrets and nothing of the user's own Codex, and another `HOME`.
 *
 * @param home - what takes the place of the user's home directory
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
    // The proxy of a network may need a password, and CODEX_CA_CERTIFICATE is no setting of the user's Codex.
    if (coreNames.test(name)) return true;
    return !/^CODEX_/i.test(name) && !isSecretName(name) && !isSecret(value);
  };
  const inherited = Object.entries(preparedEnvironment(host, { inherit, pass })).filter(
    isInherited,
  );
  return { ...homeAt(home), ...Object.fromEntries(inherited), ...set };
}

/** What makes this directory the home of every program that is started in it. */
export function homeAt(home: string): Record<string, string> {
  return process.platform === 'win32' ? { HOME: home, USERPROFILE: home } : { HOME: home };
}
