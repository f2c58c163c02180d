// Compiles changed files and runs specs. usage: node scripts/run-specs.mjs [--fast | --full | --websocket | --unix] [ROOM | FILE ...] [mocha's own options]
// Without a name it runs all specs; `turn` runs those of spec/turn, `turn/usage` those files whose path contains it.
// `--fast` skips the specs that start a process; `--full` runs the full size of specs that are reduced in an ordinary run.
// `--websocket` and `--unix` run the applicable specs over a server with that transport; spec/left-out.ts lists the excluded ones with the reasons.
// The files `*.live.ts`, which need more than npm, run only if they are named: `old-codex.live`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const args = process.argv.slice(2);
const isFast = args.includes('--fast');
if (args.includes('--full')) process.env.CODEX_THREADS_FULL_SPECS = '1';
const way = ['websocket', 'unix'].find((name) => args.includes(`--${name}`));
if (way !== undefined) process.env.CODEX_THREADS_SPEC_TRANSPORT = way;
const names = args.filter((arg) => !arg.startsWith('-') && !isValue(arg));
const flags = ['--fast', '--full', '--websocket', '--unix'];
const options = args.filter((arg) => !flags.includes(arg) && !names.includes(arg));

const { spec: patterns, ...config } = JSON.parse(readFileSync('.mocharc.json', 'utf8'));
const files = patterns
  .map((pattern) => pattern.split('/')[1])
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, file)))
  .filter((file) => /\.(spec|live)\.ts$/.test(file))
  .filter((file) =>
    names.length === 0 ? file.endsWith('.spec.ts') : names.some((name) => isNamed(file, name)),
  )
  // A spec that starts a process checks that no process is left.
  .filter(
    (file) => !isFast || !reaches(file, /\b(noProcessLeft|processesLeft)\b|'node:child_process'/),
  )
  .filter((file) => way === undefined || reaches(file, /\bspecTransport\b/));
if (files.length === 0) {
  console.error(`No spec matches ${names.join(' or ')}.`);
  process.exit(2);
}

run('scripts/generate-protocol.mjs');
run('scripts/compile.mjs', 'tsconfig.spec.json');
const fromConfig = Object.entries(config).flatMap(([name, value]) =>
  [value].flat().flatMap((one) => (one === true ? [`--${name}`] : [`--${name}`, String(one)])),
);
// A single file in one process has better failure output and starts faster.
const serial = files.length === 1 ? ['--no-parallel'] : [];
const built = files.map((file) => join('.build', file.replace(/\.ts$/, '.js')));
run(
  'node_modules/mocha/bin/mocha.js',
  '--no-config',
  ...fromConfig,
  ...serial,
  ...options,
  ...built,
);

function run(...command) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Whether it is the value of the previous option, such as the text after `--grep`. */
function isValue(arg) {
  return ['--grep', '-g', '--timeout', '-t', '--jobs', '-j', '--reporter', '-R'].includes(
    args[args.indexOf(arg) - 1],
  );
}

function isNamed(file, name) {
  const path = name.replace(/^(\.build\/)?spec\//, '').replace(/\.(spec\.)?[jt]s$/, '');
  if (file.endsWith('.live.ts') && !path.endsWith('.live')) return false;
  return file.startsWith(`spec/${path}/`) || file.includes(`/${path}`);
}

/** Whether the file or one of its imports contains the words. */
function reaches(file, words, seen = new Set()) {
  if (seen.has(file)) return false;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  if (words.test(source)) return true;
  return [...source.matchAll(/from '(\.{1,2}\/[^']+)\.js'/g)]
    .map(([, path]) => `${normalize(join(dirname(file), path))}.ts`)
    .filter((path) => path.startsWith('spec/') && path !== 'spec/root-hooks.ts')
    .some((path) => reaches(path, words, seen));
}
