// Packs the package as npm publishes it, from a clone without dist, and checks its content: all files are present and no
// other files. Leaves it as .build/package.tgz. usage: node scripts/check-contents.mjs   (needs git and tar)
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { npmCommand } from './npm.mjs';

const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'];
const kinds =
  /^dist\/(THIRD-PARTY-LICENSES\.txt|cjs\/package\.json|(esm|cjs|bundle)\/[\w./-]+\.(js|cjs|d\.ts))$/;
const mostBytes = 4_200_000;
// npm runs them, or warns about them, when it installs the package.
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare'];

const [npm, ...first] = npmCommand;
// Inside the project, to use its node_modules.
mkdirSync('.build', { recursive: true });
const clone = mkdtempSync(resolve('.build/clone-'));
try {
  for (const file of run('git', ['ls-files', '-z']).split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(file, join(clone, file));
  }
  const before = readFileSync(join(clone, 'package.json'), 'utf8');
  const [{ files, filename, size, unpackedSize }] = JSON.parse(
    run(npm, [...first, 'pack', '--json', '--loglevel=warn'], { cwd: clone }),
  );
  run('tar', ['-xzf', filename], { cwd: clone });
  const paths = files.map(({ path }) => path);
  const read = (path) => readFileSync(join(clone, 'package', path), 'utf8');
  const { scripts, ...manifest } = JSON.parse(read('package.json'));
  const found = [...new Set(paths.map((path) => path.split('/')[0]))].sort();
  const problems = [
    ...[...expected, ...namedIn(manifest), ...Object.values(manifest.bin)]
      .filter((name) => !found.includes(name) && !paths.includes(name))
      .map((name) => `${name} is missing`),
    ...found
      .filter((name) => !expected.includes(name))
      .map((name) => `${name} does not belong in the package`),
    ...paths
      .filter((path) => path.startsWith('dist/') && !kinds.test(path))
      .map((path) => `${path} has a type that does not belong in the package`),
    ...paths
      .filter((path) => [clone, process.cwd()].some((folder) => read(path).includes(folder)))
      .map((path) => `${path} contains the path of its build folder`),
    ...installScripts
      .filter((name) => name in scripts)
      .map((name) => `the script ${name} does not belong in the packed package.json`),
  ];
  for (const program of Object.values(manifest.bin))
    if (paths.includes(program) && !read(program).startsWith('#!/usr/bin/env node\n'))
      problems.push(`${program} does not name its interpreter`);
  if (readFileSync(join(clone, 'package.json'), 'utf8') !== before)
    problems.push('packing has changed package.json');
  if (unpackedSize > mostBytes)
    problems.push(`${unpackedSize} bytes exceed the limit of ${mostBytes}`);

  copyFileSync(join(clone, filename), '.build/package.tgz');
  for (const problem of problems) console.error(problem);
  console.log(`${paths.length} files, ${size} bytes packed, ${unpackedSize} bytes unpacked`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(clone, { recursive: true, force: true });
}

/** The files referenced by package.json, such as those of its exports. */
function namedIn(value) {
  if (typeof value === 'string') return value.startsWith('./') ? [value.slice(2)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namedIn) : [];
}

function run(program, command, options = {}) {
  return execFileSync(program, command, {
    ...options,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
}
