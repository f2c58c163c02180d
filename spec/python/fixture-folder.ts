import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the recordings lie; specs run in the repository's root. */
export const fixtures = join(process.cwd(), 'fixtures', 'python');

/** The files of one fixture that are recorded; ids are numbered through them in this order. */
export const recordedFiles = ['transcript.jsonl', 'metadata.json', 'result.json'] as const;

export type RecordedFile = (typeof recordedFiles)[number];

/** Every scenario, by the name of its folder. */
export function scenarioNames(folder = fixtures): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'scenario.json')))
    .map((entry) => entry.name)
    .sort();
}

/** What a recorded file holds; of a transcript, the list of its lines. */
export function recorded(scenario: string, file: RecordedFile, folder = fixtures): unknown {
  const text = readFileSync(join(folder, scenario, file), 'utf8');
  if (!file.endsWith('.jsonl')) return JSON.parse(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
