// Runs a fleet while workers are killed, paused and disconnected and its store is unavailable, and judges the result.
// usage: npm run fleet:chaos [-- --short] [-- --threads=N] [-- ENGINE/HOME ...]
import { BullmqUnderChaos } from './bullmq-under-chaos.js';
import { DbosUnderChaos } from './dbos-under-chaos.js';
import type { ChaosEngine } from './chaos-engine.js';
import { chaosRun } from './chaos-run.js';
import { fullSize, shortSize } from './chaos-size.js';
import { judged } from './chaos-verdict.js';

const engines: Readonly<Record<string, () => Promise<ChaosEngine>>> = {
  bullmq: async () => BullmqUnderChaos.start(),
  dbos: async () => DbosUnderChaos.start(),
};

async function main(args: readonly string[]): Promise<void> {
  const usual = args.includes('--short') ? shortSize : fullSize;
  const threads = args.find((arg) => arg.startsWith('--threads='))?.split('=')[1];
  const size = threads === undefined ? usual : { ...usual, threads: Number(threads) };
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const rows: Record<string, object> = {};
  for (const [name, start] of Object.entries(engines))
    for (const home of ['own', 'shared'] as const) {
      const combination = `${name}/${home}`;
      if (wanted.length > 0 && !wanted.includes(combination)) continue;
      await using engine = await start();
      const { broken, disturbances, ...row } = await chaosRun({ engine, home, size }, judged);
      console.log(`${combination}: ${disturbances}`);
      for (const promise of broken) console.log(`  broken: ${promise}`);
      rows[combination] = { ...row, broken: broken.length };
      if (broken.length > 0) process.exitCode = 1;
    }
  console.table(rows);
}

void main(process.argv.slice(2));
