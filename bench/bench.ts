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
import { StoredSamples } from './stored-samples.js';
import { peersAreInstalled } from './installed-peers.js';

// usage: npm run bench [-- MEASURE … | --quick]. The results are written once every measure has run with the same versions.
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
  const version = execFileSync(codexPath, ['--version'], { encoding: 'utf8' }).trim();
  const codexVersion = version.replace(/^\S+ /, '');
  const stored = new StoredSamples(codexVersion);
  const taken = new Samples();
  try {
    for (const [name, measure] of all) {
      console.error(name);
      const samples = new Samples();
      await measure({ arena, samples, isQuick });
      if (!isQuick) stored.store(name, samples);
      taken.add(...samples.all);
    }
  } finally {
    await arena.close();
  }
  const text = await report(taken, codexVersion);
  if (isQuick) {
    console.log(
      `${taken.metrics.length} metrics: everything works. The values of a quick run have no meaning.`,
    );
    return;
  }
  console.log(text);
  const latest = stored.load(Object.keys(measures));
  if (latest === null) return;
  await writeFile(join(benchDirectory, 'results.md'), await report(latest, codexVersion));
  await writeFile(join(benchDirectory, 'results.svg'), chart(latest));
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
