import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchDirectory } from './directories.js';

const directory = join(benchDirectory, 'node_modules/@openai/codex-sdk');

/** The module that the official SDK consists of. */
export const sdkModule = join(directory, 'dist/index.js');

/** The version of the official SDK that is measured. */
export function sdkVersion(): string {
  const { dependencies } = manifest(join(benchDirectory, 'package.json'));
  return dependencies?.['@openai/codex-sdk'] ?? '';
}

/** The version that is installed, or null. */
export function installedSdk(): string | null {
  try {
    return manifest(join(directory, 'package.json')).version ?? null;
  } catch {
    return null;
  }
}

function manifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}
