// Compiles a project with the native TypeScript compiler, which is several times faster, or with the one used for linting and
// documentation if the native one does not support this platform. Writes only changed files. usage: node scripts/compile.mjs PROJECT
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const [project, ...options] = process.argv.slice(2);

function compile(compiler) {
  const bin = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc');
  return spawnSync(process.execPath, [bin, '-p', project, ...options], { stdio: 'inherit' });
}

function isNative() {
  try {
    const { optionalDependencies } = require('typescript7/package.json');
    const platform = `@typescript/typescript-${process.platform}-${process.arch}`;
    createRequire(require.resolve('typescript7/package.json')).resolve(`${platform}/package.json`);
    return platform in optionalDependencies;
  } catch {
    return false;
  }
}

process.exitCode = compile(isNative() ? 'typescript7' : 'typescript').status ?? 1;
