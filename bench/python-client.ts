import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchDirectory } from './directories.js';

const environment = join(benchDirectory, '.venv');
const requirements = join(benchDirectory, '../fixtures/python/requirements.txt');
const stamp = join(environment, 'requirements.sha256');

/** The Python interpreter with the published Python client. */
export const python = join(environment, 'bin/python');

/** The measured version of the Python client. */
export function pythonClientVersion(): string {
  return /^openai-codex==(\S+)$/m.exec(readFileSync(requirements, 'utf8'))?.[1] ?? '';
}

/** Installs the Python client from PyPI into a virtual environment. Returns false if PyPI or Python 3.10 is missing. */
export function installPythonClient(): boolean {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', environment], { stdio: 'ignore' });
    // Without its dependencies: its runtime package would bring a second codex binary.
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements], {
      stdio: 'ignore',
    });
  } catch {
    return false;
  }
  writeFileSync(stamp, wanted);
  return true;
}
