// Checks what npm would publish: nothing is missing, nothing is there by accident. usage: node scripts/check-contents.mjs   (after npm run build)
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'];
const kinds =
  /^dist\/(THIRD-PARTY-LICENSES\.txt|cjs\/package\.json|(esm|cjs)\/[\w./-]+\.(js|cjs|d\.ts))$/;
const mostBytes = 3_500_000;

const command = ['pack', '--dry-run', '--json', '--ignore-scripts'];
const [{ files, size, unpackedSize }] = JSON.parse(
  execFileSync('npm', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
);
const paths = files.map(({ path }) => path);
const found = [...new Set(paths.map((path) => path.split('/')[0]))].sort();
const problems = [
  ...expected.filter((name) => !found.includes(name)).map((name) => `${name} is missing`),
  ...found.filter((name) => !expected.includes(name)).map((name) => `${name} does not belong in`),
  ...paths
    .filter((path) => path.startsWith('dist/') && !kinds.test(path))
    .map((path) => `${path} is of a kind that does not belong in`),
  ...paths
    .filter((path) => readFileSync(path, 'utf8').includes(process.cwd()))
    .map((path) => `${path} names the folder it was built in`),
];
if (unpackedSize > mostBytes) problems.push(`${unpackedSize} bytes are more than ${mostBytes}`);

for (const problem of problems) console.error(problem);
console.log(`${paths.length} files, ${size} bytes packed, ${unpackedSize} bytes unpacked`);
process.exitCode = problems.length > 0 ? 1 : 0;
