import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContenderName } from './contender.js';
import { benchDirectory } from './directories.js';
import { installPythonClient } from './python-client.js';

/** The packages that this one is compared with. They have their own lockfile. */
export const peers = ['@openai/codex-sdk', 'ai-sdk-provider-codex-cli', 'ai'] as const;

/** The module of a peer. */
export function installedModule(peer: string): string {
  return join(benchDirectory, 'node_modules', peer, 'dist/index.js');
}

/** The measured version of a peer. */
export function peerVersion(peer: string): string {
  return manifest(join(benchDirectory, 'package.json')).dependencies?.[peer] ?? '';
}

/** Whether all peers are installed in the measured versions. */
export function peersAreInstalled(): boolean {
  return peers.every((peer) => {
    try {
      const file = join(benchDirectory, 'node_modules', peer, 'package.json');
      return manifest(file).version === peerVersion(peer);
    } catch {
      return false;
    }
  });
}

/** The contenders that cannot run here: the AI SDK needs Node 22, the Python client Python 3.10 and PyPI. */
export function unavailable(): ReadonlySet<ContenderName> {
  const missing: ContenderName[] = [];
  if (Number(process.versions.node.split('.')[0]) < 22) missing.push('AI SDK provider');
  if (!installPythonClient()) missing.push('Python client');
  return new Set(missing);
}

function manifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}
