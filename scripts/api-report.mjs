// Compares the exports of every entry with its report in api/, or with --local writes the reports. usage: node scripts/api-report.mjs [--local]
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const options = process.argv.includes('--local') ? ['--local'] : [];
const entries = readdirSync('api').filter((name) => name.endsWith('.json'));
const extractor = 'node_modules/@microsoft/api-extractor/bin/api-extractor';
const failed = entries.filter((name) => {
  const command = [extractor, 'run', ...options, '-c', join('api', name)];
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(
    `The report differs: ${failed.join(', ')}. Run npm run api:update and read the difference.`,
  );
  process.exit(1);
}
