import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchDirectory } from './directories.js';
import { Samples, type Sample } from './samples.js';

const directory = join(benchDirectory, '..', '.build', 'bench-samples');

/** The samples of each measure's last run, so that one measure can be repeated without the others. */
export class StoredSamples {
  /** The versions that the samples belong to. */
  readonly #versions: string;

  constructor(codexVersion: string) {
    this.#versions = `node-${process.versions.node}-codex-${codexVersion}`;
  }

  /** Replaces the samples of a measure. */
  store(measure: string, samples: Samples): void {
    mkdirSync(directory, { recursive: true });
    writeFileSync(this.#file(measure), JSON.stringify(samples.all));
  }

  /** The samples of these measures; null if one of them has not run with these versions. */
  load(measures: readonly string[]): Samples | null {
    const samples = new Samples();
    try {
      for (const measure of measures)
        samples.add(...(JSON.parse(readFileSync(this.#file(measure), 'utf8')) as Sample[]));
    } catch {
      return null;
    }
    return samples;
  }

  #file(measure: string): string {
    return join(directory, `${measure}-${this.#versions}.json`);
  }
}
