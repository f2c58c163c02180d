// Runs a compiled program of examples/. usage: npm run example NAME [-- --live]
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';

// Not programs: the shared modules, and the snippets of the README.
const others = ['live-or-scripted', 'own-resume-validator', 'readme', 'demo'];
const names = readdirSync('examples')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/(\.spec)?\.ts$/, ''))
  .filter((name) => !others.includes(name));

const [name = '', ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const program = resolve('.build/examples', `${name}.js`);
  const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--require', 'reflect-metadata'];
  const command = existsSync(program)
    ? [program, ...args]
    : [...mocha, resolve('.build/examples', `${name}.spec.js`)];
  const child = spawn(process.execPath, ['--enable-source-maps', ...command], { stdio: 'inherit' });
  // Ctrl-C also reaches the example, which may shut down gracefully.
  process.on('SIGINT', () => undefined);
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  console.error(`usage: npm run example NAME [-- --live]\n\nNAME is one of: ${names.join(', ')}`);
  process.exitCode = 2;
}
