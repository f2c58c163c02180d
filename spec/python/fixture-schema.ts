import { recorded, recordedFiles, scenarioNames, type RecordedFile } from './fixture-folder.js';

/** The JSON types at every key path. */
export type KeyTypes = Record<string, readonly string[]>;

/** The key paths of every kind of recorded file: the content of `schema.lock.json`. */
export type FixtureSchema = Record<RecordedFile, KeyTypes>;

type Sighting = readonly [path: string, type: string];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const howToUpdate =
  'If this is what the client now really does, accept it: npm run fixtures:harvest -- --update-lock';

/** The combined schema of all fixtures in a folder. */
export function schemaOf(folder?: string): FixtureSchema {
  const schemas = recordedFiles.map((file) => {
    const types = new Map<string, Set<string>>();
    for (const scenario of scenarioNames(folder))
      for (const [path, type] of sightings(file, recorded(scenario, file, folder)))
        types.set(path, (types.get(path) ?? new Set()).add(type));
    const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1));
    return [file, Object.fromEntries(sorted.map(([path, seen]) => [path, [...seen].sort()]))];
  });
  return Object.fromEntries(schemas) as FixtureSchema;
}

/** Readable descriptions of everything in a recorded file that the lock does not contain. */
export function unexpectedIn(
  scenario: string,
  file: RecordedFile,
  content: unknown,
  lock: FixtureSchema,
): string[] {
  const problems = new Set<string>();
  for (const [path, type] of sightings(file, content)) {
    const known = lock[file][path];
    if (known === undefined) problems.add(`unexpected key ${path} (${type})`);
    else if (!known.includes(type))
      problems.add(`${path} is ${type}, and so far was ${known.join(' or ')}`);
  }
  return [...problems].map((problem) => `${scenario}/${file}: ${problem}. ${howToUpdate}`);
}

/** Readable descriptions of entries in the lock that no fixture contains any longer. */
export function missingIn(schema: FixtureSchema, lock: FixtureSchema): string[] {
  return recordedFiles.flatMap((file) =>
    Object.entries(lock[file]).flatMap(([path, known]) => {
      const seen = schema[file][path] ?? [];
      const gone = known.filter((type) => !seen.includes(type));
      return gone.length === 0
        ? []
        : [`${file}: no fixture has ${path} as ${gone.join(' or ')} any more. ${howToUpdate}`];
    }),
  );
}

function sightings(file: RecordedFile, content: unknown): Iterable<Sighting> {
  if (file === 'transcript.jsonl') return wireSightings(content as WireRecord[]);
  // The keys at the top of the metadata are the scenario's names for its threads.
  if (file === 'metadata.json')
    return Object.values(content as object).flatMap((thread) => [...walk(thread, '*')]);
  return [...walk(content, '')];
}

interface WireRecord {
  readonly from?: string;
  readonly event?: string;
  readonly message?: { readonly id?: unknown; readonly method?: string };
}

/** Lines of a transcript are grouped by kind: an event, or a message of one side and its method. */
function* wireSightings(records: readonly WireRecord[]): Generator<Sighting> {
  const methods = new Map<unknown, string>();
  for (const { from, event, message, ...rest } of records) {
    if (from === undefined || message === undefined) {
      yield* walk(rest, event ?? 'line');
      continue;
    }
    const { id, method } = message;
    if (method !== undefined && id !== undefined) methods.set(id, method);
    yield* walk(message, `${from} ${method ?? methods.get(id) ?? 'reply'}`);
  }
}

function* walk(value: unknown, path: string): Generator<Sighting> {
  yield [path === '' ? '(root)' : path, typeOf(value)];
  if (Array.isArray(value)) for (const entry of value) yield* walk(entry, `${path}[]`);
  else if (typeof value === 'object' && value !== null) yield* walkObject(value, path);
}

function* walkObject(value: object, path: string): Generator<Sighting> {
  // Items, inputs and policies are distinguished by their type: each has its own keys.
  const kind = 'type' in value && typeof value.type === 'string' ? `<${value.type}>` : '';
  const prefix = path === '' ? kind : `${path}${kind}.`;
  for (const [key, entry] of Object.entries(value))
    yield* walk(entry, `${prefix}${uuid.test(key) ? '*' : key}`);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
