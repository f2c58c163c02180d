import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BinaryLocator } from '../lib/transport/binary-locator.js';
import { Arena } from './arena.js';
import { chart } from './chart.js';
import { benchDirectory } from './directories.js';
import { measures, type Measure } from './measures.js';
import { report } from './report.js';
import { Samples } from './samples.js';
import { peersAreInstalled } from './installed-peers.js';

async function main(args: readonly string[]): Promise<void> {
  const isQuick = args.includes('--quick');
  const names = args.filter((name) => name !== '--quick');
  const chosen = names.length === 0 ? Object.keys(measures) : names;
  const all = chosen.map((name): [string, Measure] => {
    const measure = measures[name];
    if (measure !== undefined) return [name, measure];
    const known = Object.keys(measures).join(', ');
    throw new Error(
      `${JSON.stringify(name)} is not a measure; the arguments are ${known}, and --quick.`,
    );
  });
  installPeers();
  const codexPath = new BinaryLocator({ environment: process.env }).locate().path;
  const arena = await Arena.open(codexPath);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void arena.close().finally(() => process.exit(1));
    });
  const samples = new Samples();
  try {
    for (const [name, measure] of all) {
      console.error(name);
      await measure({ arena, samples, isQuick });
    }
  } finally {
    await arena.close();
  }
  const version = execFileSync(codexPath, ['--version'], { encoding: 'utf8' }).trim();
  const text = await report(samples, version.replace(/^\S+ /, ''));
  if (isQuick)
    console.log(
      `${samples.metrics.length} metrics: the benchmark works; the values of a quick run are meaningless.`,
    );
  else console.log(text);
  if (isQuick || names.length > 0) return;
  await writeFile(join(benchDirectory, 'results.md'), text);
  await writeFile(join(benchDirectory, 'results.svg'), chart(samples));
}

/** Omits their own codex dependency: all contenders run the one of this package. */
function installPeers(): void {
  if (peersAreInstalled()) return;
  execFileSync('npm', ['ci', '--omit=optional', '--silent'], {
    cwd: benchDirectory,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
