// Compiles the recipe for Temporal against its packages, and bundles the workflow as a worker does when it starts. It
// does not run the recipe, so it needs no Temporal server. usage: node scripts/check-temporal.mjs   (downloads packages from the npm registry)
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildExample } from './build-example.mjs';

const folder = buildExample('temporal');
const { bundleWorkflowCode, DefaultLogger } = createRequire(join(folder, 'package.json'))(
  '@temporalio/worker',
);
const { code } = await bundleWorkflowCode({
  workflowsPath: join(folder, 'examples/fleet-temporal/turn-workflow.js'),
  logger: new DefaultLogger('ERROR'),
});
if (!code.includes('turnsOfThread'))
  throw new Error('The bundle does not contain the workflow turnsOfThread.');
console.log(
  `The recipe for Temporal compiles; the bundle of its workflow has ${code.length} bytes.`,
);
