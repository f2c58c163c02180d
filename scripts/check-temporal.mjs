// Compiles the recipe for Temporal against its packages, and bundles the workflow as a worker does when it starts. It
// does not run the recipe, so it needs no Temporal server. usage: node scripts/check-temporal.mjs   (downloads packages from the npm registry)
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { npmCommand } from './npm.mjs';

const recipe = 'examples/fleet-temporal';
const folder = resolve('.build/temporal');
mkdirSync(folder, { recursive: true });
for (const file of ['package.json', 'package-lock.json'])
  copyFileSync(join(recipe, file), join(folder, file));
const [npm, ...first] = npmCommand;
run(npm, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
run(process.execPath, ['scripts/compile.mjs', `${recipe}/tsconfig.json`]);

const { bundleWorkflowCode, DefaultLogger } = createRequire(join(folder, 'package.json'))(
  '@temporalio/worker',
);
const { code } = await bundleWorkflowCode({
  workflowsPath: join(folder, recipe, 'turn-workflow.js'),
  logger: new DefaultLogger('ERROR'),
});
if (!code.includes('turnsOfThread'))
  throw new Error('The bundle does not contain the workflow turnsOfThread.');
console.log(
  `The recipe for Temporal compiles; the bundle of its workflow has ${code.length} bytes.`,
);

function run(program, args, cwd = process.cwd()) {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
