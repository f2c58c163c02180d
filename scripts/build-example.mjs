// Builds an example that has packages of its own, so that the main install does not need them. Downloads them from the npm registry.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { npmCommand } from './npm.mjs';

/** Installs the packages of `examples/fleet-<name>` into `.build/<name>`, and compiles its programs there. Returns that folder. */
export function buildExample(name) {
  const example = `examples/fleet-${name}`;
  const folder = resolve('.build', name);
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(example, file), join(folder, file));
  const [npm, ...first] = npmCommand;
  run(npm, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  run(process.execPath, ['scripts/generate-protocol.mjs']);
  run(process.execPath, ['scripts/compile.mjs', `${example}/tsconfig.json`]);
  return folder;
}

function run(program, args, cwd = process.cwd()) {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
