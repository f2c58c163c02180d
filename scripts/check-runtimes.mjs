// Runs the programs of fixtures/runtimes/ on the package as it would be published, on every supported runtime: each
// must succeed and exit on its own, and leave no process. Prints a line for each runtime.
// usage: node scripts/check-runtimes.mjs [NAME ...]   (downloads packages from the npm registry)
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { env, install, installPackage, writeManifest } from './installed-package.mjs';

const { root } = installPackage('runtimes');
// Not in the system's temporary folder, where codex-rs warns about it. All started processes have it in their environment.
const home = mkdtempSync(join(homedir(), '.codex-threads-runtimes-'));

const smoke = { program: 'smoke.mjs' };
const typed = { program: 'typed.mts' };
const decorated = { program: 'decorated.mts' };
const restricted = {
  program: 'smoke.mjs',
  args: [
    ...['--permission', '--disable-warning=PERM0002', '--allow-child-process'],
    ...[`--allow-fs-read=${root}`, `--allow-fs-read=${home}`, `--allow-fs-write=${home}`],
  ],
  title: '--permission',
};
const permitted = [
  ...['run', '--quiet', '--no-prompt', '--allow-env', '--allow-sys', '--allow-run'],
  ...['--allow-net=127.0.0.1', `--allow-read=${root},${home}`, `--allow-write=${home}`],
];
const runtimes = [
  { name: 'node-20', source: 'npm:node@20', file: 'bin/node', runs: [smoke] },
  { name: 'node-22', source: 'npm:node@22', file: 'bin/node', runs: [smoke] },
  { name: 'node-24', source: 'npm:node@24', file: 'bin/node', runs: [smoke, typed, restricted] },
  { name: 'node-newest', source: 'npm:node@latest', file: 'bin/node', runs: [smoke, typed] },
  { name: 'bun', source: 'npm:bun@latest', file: 'bin/bun.exe', runs: [smoke, typed, decorated] },
  {
    name: 'deno',
    source: 'npm:deno@latest',
    file: 'deno',
    runs: [smoke, typed, decorated].map((run) => ({ ...run, args: permitted })),
  },
];
const wanted = process.argv.slice(2);
const chosen = runtimes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
let failures = 0;

try {
  const folder = join(root, 'runtimes');
  cpSync(resolve('fixtures/runtimes'), folder, { recursive: true });
  writeManifest(folder, {
    private: true,
    dependencies: Object.fromEntries(chosen.map(({ name, source }) => [name, source])),
    // They download or install the binary for this platform.
    allowScripts: { node: true, bun: true, deno: true },
  });
  install(folder);
  for (const runtime of chosen) await tryOut(runtime, folder);
} finally {
  rmSync(root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
console.log(`\n${chosen.length} runtimes, ${failures} failures`);
process.exitCode = chosen.length === 0 || failures > 0 ? 1 : 0;

async function tryOut({ name, file, runs }, folder) {
  const startedAt = performance.now();
  const path = join(folder, 'node_modules', name, file);
  const runtime = existsSync(path) ? path : `${path}.exe`;
  const version = /\d+\.\d+\.\d+/.exec(start(runtime, ['--version'], folder).stdout ?? '')?.[0];
  const seen = [];
  let problem = '';
  for (const { program, args = [], title } of runs) {
    const { status, signal, error, stdout, stderr } = start(runtime, [...args, program], folder);
    const steps = (stdout ?? '').trim().split('\n');
    const last = steps.pop();
    seen.push(title ?? steps.join(', '));
    if (status !== 0 || last !== 'done')
      problem += `\n${program}: ${error ?? `exit ${status ?? signal}`} after ${last}\n${stderr}`;
    const left = await processesLeft();
    if (left !== '') problem += `\n${program} leaves processes:\n${left}`;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (problem !== '') failures += 1;
  console.log(
    `${name} (${version ?? `no version from ${runtime}`}): ${problem || seen.join('; ')} (${seconds} s)`,
  );
}

function start(program, args, folder) {
  return spawnSync(program, args, {
    cwd: folder,
    env: { ...env, HOME: home, USERPROFILE: home, NO_COLOR: '1' },
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}

/** The processes that still run after 5 s with the home in their environment. Windows does not report them. */
async function processesLeft() {
  if (process.platform === 'win32') return '';
  const end = performance.now() + 5000;
  for (;;) {
    const numbers = ps('axeww', '-o', 'pid=,args=')
      .split('\n')
      .filter((line) => line.includes(home))
      .map((line) => line.trim().split(' ')[0]);
    if (numbers.length === 0) return '';
    if (performance.now() > end) return ps('-o', 'pid=,args=', '-p', numbers.join(','));
    await wait(20);
  }
}

function ps(...args) {
  const { stdout, error } = spawnSync('ps', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error !== undefined) throw error;
  return stdout;
}
