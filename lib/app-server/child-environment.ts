/** Model keys that no child gets: codex-rs would hand them on to every command of the agent. */
const modelKeys: readonly string[] = ['CODEX_API_KEY', 'OPENAI_API_KEY'];

/**
 * The environment of the codex process: the given one without the model keys, except names a provider needs.
 *
 * @param source - the host's environment, or what the user put in its place
 * @param keep - names that stay although they are model keys: the `env_key` of a configured provider
 */
export function childEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  keep: readonly string[],
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined || (modelKeys.includes(name) && !keep.includes(name))) continue;
    environment[name] = value;
  }
  return environment;
}
