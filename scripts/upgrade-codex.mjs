// Upgrades this package to another version of codex-rs as far as this can be automated, and prints the texts for the rest.
// usage: npm run upgrade:codex -- VERSION
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { described, namesOf, protocolChanges, readProtocol } from './protocol-changes.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [to = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(to)) {
  console.error('usage: npm run upgrade:codex -- VERSION, such as 0.172.0');
  process.exit(2);
}
// From the last commit: an earlier run of this program may have changed the files already.
const from = JSON.parse(git('show', 'HEAD:package.json')).dependencies['@openai/codex'];
if (from === to) {
  console.error(`The last commit already depends on codex-rs ${to}.`);
  process.exit(2);
}
const steps = {
  install: `Install @openai/codex ${to}`,
  generate: 'Generate the types',
  protocol: `Changes of the protocol from ${from} to ${to}`,
  compile: 'Compile',
  harvest: 'Harvest the fixtures',
  specs: 'Run the specs',
  mentions: `Mentions of ${from}`,
};
const page = 'docs/versions.md';
const outcomes = new Map();
let changes = [];

step(steps.install, [], () => {
  npm('install', '--save-exact', '--ignore-scripts', `@openai/codex@${to}`);
  edit('lib/version.ts', /(testedCodexVersion = ')[^']+/, `$1${to}`);
});
step(steps.generate, [steps.install], () => {
  node('scripts/generate-protocol.mjs');
});
step(steps.protocol, [steps.install], () => {
  const [before, after] = [from, to].map(protocolOf);
  changes = protocolChanges(before, after);
  console.log(described(changes));
  edit(page, new RegExp(`^\\| ${escaped(from)} +\\| none: it is the dependency.*\n`, 'm'), rows());
  node('node_modules/prettier/bin/prettier.cjs', '--log-level', 'warn', '--write', page);
});
step(steps.compile, [steps.generate], () => {
  node('scripts/compile.mjs', 'tsconfig.json');
});
step(steps.harvest, [steps.compile], () => {
  npm('run', 'fixtures:harvest');
  console.log(harvested());
});
step(steps.specs, [steps.compile], () => {
  node('scripts/run-specs.mjs');
});
step(steps.mentions, [], () => {
  const { stdout } = spawnSync('git', ['grep', '-nF', from, '--', ...placesToRead()]);
  console.log(String(stdout).trim() || 'None.');
});
heading('Summary');
for (const [name, outcome] of outcomes) console.log(`${outcome.padEnd(8)} ${name}`);
console.log(`\nFor CHANGELOG.md:\n\n${changelog()}\n\nIn ${page}:\n\n${rows()}`);
console.log(`\n${advice()}`);
process.exitCode = [...outcomes.values()].some((outcome) => outcome !== 'done') ? 1 : 0;

/** Runs a step under its own heading. If it fails, the steps that do not depend on it continue. */
function step(name, needs, work) {
  heading(name);
  const missing = needs.filter((need) => outcomes.get(need) !== 'done');
  if (missing.length > 0) {
    console.log(`Skipped: it requires "${missing.join('", "')}".`);
    outcomes.set(name, 'skipped');
    return;
  }
  try {
    work();
    outcomes.set(name, 'done');
  } catch (error) {
    console.error(`\nFAILED: ${error.message}`);
    outcomes.set(name, 'FAILED');
  }
}

function heading(text) {
  console.log(`\n=== ${text} ${'='.repeat(Math.max(3, 100 - text.length))}\n`);
}

/** The protocol of a version of codex-rs; a version that is not installed is downloaded from npm, next to the project's own. */
function protocolOf(version) {
  mkdirSync('.build', { recursive: true });
  const folder = mkdtempSync(resolve('.build/upgrade-'));
  try {
    const manifest = 'node_modules/@openai/codex/package.json';
    const isInstalled =
      existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
    if (!isInstalled)
      npm('install', '--prefix', folder, '--ignore-scripts', `@openai/codex@${version}`);
    const bin = join(isInstalled ? '.' : folder, 'node_modules/@openai/codex/bin/codex.js');
    const command = ['app-server', 'generate-json-schema', '--experimental', '--out', folder];
    run(process.execPath, [bin, ...command], { env: { ...process.env, CODEX_HOME: folder } });
    return readProtocol(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the harvest changed more than the version. */
function harvested() {
  const lines = git('diff', '-U0', 'HEAD', '--', 'fixtures/python').split('\n');
  const known = (sign) =>
    lines
      .filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)))
      .map((line) => line.slice(1).replaceAll(from, to))
      .sort();
  const [gone, now] = [known('-'), known('+')];
  return JSON.stringify(gone) === JSON.stringify(now)
    ? 'Only the version has changed in the fixtures.'
    : `Review the changes of the fixtures:\n${git('diff', '--stat', 'HEAD', '--', 'fixtures/python')}`;
}

function changelog() {
  const parts = [
    ['new methods', 'Methods', '+'],
    ['removed methods', 'Methods', '-'],
    ['new notifications', 'Notifications', '+'],
    ['removed notifications', 'Notifications', '-'],
    ['new server requests', 'Server requests', '+'],
    ['removed server requests', 'Server requests', '-'],
  ].map(([text, kind, sign]) => [text, namesOf(changes, kind, sign)]);
  const told = parts
    .filter(([, names]) => names !== '')
    .map(([text, names]) => `${text}: ${names}`);
  return `- codex-rs ${to} (was ${from})${told.length === 0 ? '' : `; ${told.join('; ')}`}.`;
}

function rows() {
  const lacks = namesOf(changes, 'Methods', '+');
  return `| ${to} | none: it is the dependency |\n| ${from} | ${lacks === '' ? 'none' : `does not have ${lacks}`} |\n`;
}

function advice() {
  const failed = [...outcomes].filter(([, outcome]) => outcome === 'FAILED').map(([name]) => name);
  const next = `read the diff, adopt the additions, and commit; \`.ci/run\` checks the rest.`;
  return failed.length === 0
    ? `Now ${next}`
    : `Fix the failed steps (${failed.join(', ')}) and run this again: it compares with ${from} until you commit. Then ${next}`;
}

function placesToRead() {
  return [
    '.',
    ...['package-lock.json', 'CHANGELOG.md', 'bench', 'fixtures', page].map((path) => `:!${path}`),
  ];
}

function edit(file, pattern, replacement) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(pattern, replacement));
}

function escaped(text) {
  return text.replaceAll('.', String.raw`\.`);
}

function node(...args) {
  run(process.execPath, args);
}

function npm(...args) {
  const { npm_execpath: path } = process.env;
  if (path === undefined) run('npm', args);
  else run(process.execPath, [path, ...args]);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}.`);
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
