/** The usual names of this machine. */
const usualHosts = ['localhost', '127.0.0.1', '::1'];

/** The hosts in the URLs of a text that are this machine. */
export function loopbackHostsIn(text: string): string[] {
  const addresses = text.match(/\b(?:https?|wss?):\/\/[^\s"'\\,}]+/gi) ?? [];
  const hosts = addresses.map((address) =>
    URL.canParse(address) ? new URL(address).hostname.replace(/^\[|[\].]$/g, '') : '',
  );
  return hosts.filter((host) => /^(?:(?:.+\.)?localhost|127\.[\d.]+|0\.0\.0\.0|::1?)$/.test(host));
}

/**
 * Returns the environment with this machine added to the hosts that bypass the proxy. Some programs read only
 * `NO_PROXY` or only `no_proxy`, so both are set.
 *
 * @param hosts - names of this machine in addition to the usual ones; codex-rs does not support address ranges
 */
export function withDirectLoopback(
  environment: Readonly<Record<string, string>>,
  hosts: readonly string[],
): Record<string, string> {
  const wanted = [...usualHosts, ...hosts];
  const known = Object.entries(environment).find(([name]) => /^no_proxy$/i.test(name))?.[1];
  const listAt = (name: string): string => joined(environment[name] ?? known ?? '', wanted);
  return { ...environment, NO_PROXY: listAt('NO_PROXY'), no_proxy: listAt('no_proxy') };
}

function joined(list: string, wanted: readonly string[]): string {
  const hosts = list.split(',').map((host) => host.trim());
  // All hosts bypass the proxy; some programs recognize "*" only as the sole entry.
  if (hosts.includes('*')) return list;
  return [...new Set([...hosts, ...wanted])].filter((host) => host !== '').join(',');
}
