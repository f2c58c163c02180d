/** The usual names of this machine. */
const usualHosts = ['localhost', '127.0.0.1', '::1'];

/** The hosts in the addresses of a text that are this machine. */
export function loopbackHostsIn(text: string): string[] {
  const addresses = text.match(/\b(?:https?|wss?):\/\/[^\s"'\\,}]+/gi) ?? [];
  const hosts = addresses.map((address) =>
    URL.canParse(address) ? new URL(address).hostname.replace(/^\[|[\].]$/g, '') : '',
  );
  return hosts.filter((host) => /^(?:(?:.+\.)?localhost|127\.[\d.]+|0\.0\.0\.0|::1?)$/.test(host));
}

/**
 * The environment with this machine among the hosts that are reached without a proxy, beside those that are there. Programs
 * read `NO_PROXY` or `no_proxy`, some only one of them, so both are set.
 *
 * @param hosts - names of this machine besides the usual ones; codex-rs knows no ranges of addresses
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
  // Every host is reached directly then; some programs know this only if it stands alone.
  if (hosts.includes('*')) return list;
  return [...new Set([...hosts, ...wanted])].filter((host) => host !== '').join(',');
}
