// Tests the package as it would be published: builds and packs it, installs it, and runs each program of fixtures/consumers/
// on it. usage: node scripts/check-consumers.mjs [NAME ...]   (downloads packages from the npm registry)
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { env, install, installPackage, writeManifest } from './installed-package.mjs';
import { npmCommand } from './npm.mjs';

const fixtures = resolve('fixtures/consumers');
const wanted = process.argv.slice(2);
const names = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name)
  .filter((name) => wanted.length === 0 || wanted.includes(name));
// The package is in the outermost folder, the tools in the next one, and each program in its own: Node and the tools
// search upwards.
const { root, tarball } = installPackage('consumers');
const tools = join(root, 'tools');
const failures = [];
const [npm, ...first] = npmCommand;

try {
  cpSync(fixtures, tools, {
    recursive: true,
    filter: (path) => !['node_modules', 'build'].includes(basename(path)),
  });
  install(tools);
  for (const name of names) tryOut(name);
} finally {
  rmSync(root, { recursive: true, force: true });
}
for (const failure of failures) console.error(`failed: ${failure}`);
console.log(`\n${names.length} kinds of consumers, ${failures.length} failures`);
process.exitCode = names.length === 0 || failures.length > 0 ? 1 : 0;

/** Runs a program; a program with its own dependencies runs once for each set of their versions. */
function tryOut(name) {
  const folder = join(tools, name);
  const {
    dependencies,
    variants = [],
    ...rest
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const variant of [{}, ...variants]) {
    const title = [name, ...Object.entries(variant).map((entry) => entry.join(' '))].join(', ');
    console.log(`\n--- ${title}`);
    if (dependencies !== undefined) {
      const chosen = { ...dependencies, ...variant };
      if ('codex-threads' in chosen) chosen['codex-threads'] = `file:${tarball}`;
      rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
      writeManifest(folder, { ...rest, dependencies: chosen });
      // The codex-rs binary is large, and the outermost folder already has it.
      install(folder, '--omit=optional');
    }
    const { status } = spawnSync(npm, [...first, 'test', '--silent'], {
      cwd: folder,
      env,
      stdio: 'inherit',
    });
    if (status !== 0) failures.push(title);
  }
}
