import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The directory of the recordings; specs run in the repository's root. */
export const fixtures = join(process.cwd(), 'fixtures', 'python');

/** The recorded files of one fixture; ids are numbered across them in this order. */
export const recordedFiles = ['transcript.jsonl', 'metadata.json', 'result.json'] as const;

export type RecordedFile = (typeof recordedFiles)[number];

/** Every scenario, by the name of its folder. */
export function scenarioNames(folder = fixtures): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'scenario.json')))
    .map((entry) => entry.name)
    .sort();
}

/** The content of a recorded file; for a transcript, the array of its lines. */
export function recorded(scenario: string, file: RecordedFile, folder = fixtures): unknown {
  const text = readFileSync(join(folder, scenario, file), 'utf8');
  if (!file.endsWith('.jsonl')) return JSON.parse(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
