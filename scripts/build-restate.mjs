// Installs the packages of Restate into .build/restate, and compiles the programs of examples/fleet-restate there.
// usage: node scripts/build-restate.mjs   (downloads packages from the npm registry)
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { npmCommand } from './npm.mjs';

const example = 'examples/fleet-restate';
const folder = resolve('.build/restate');
mkdirSync(folder, { recursive: true });
for (const file of ['package.json', 'package-lock.json'])
  copyFileSync(join(example, file), join(folder, file));
const [npm, ...first] = npmCommand;
run(npm, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
run(process.execPath, ['scripts/generate-protocol.mjs']);
run(process.execPath, ['scripts/compile.mjs', `${example}/tsconfig.json`]);

function run(program, args, cwd = process.cwd()) {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
