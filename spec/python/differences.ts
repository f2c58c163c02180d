import { isDeepStrictEqual } from 'node:util';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** One place where the two clients differ. A missing value is undefined. */
export interface Difference {
  /** Such as `turn/start.input[].text`. */
  readonly where: string;
  readonly python: unknown;
  readonly ours: unknown;
}

/** A known difference: intended, or a gap in the library. */
export interface KnownDifference {
  readonly where: string;
  /** Applies only if the Python client has this value. */
  readonly python?: unknown;
  /** Applies only in these scenarios. */
  readonly scenarios?: readonly string[];
  /** Whether it occurs only on the live codex-rs: a transcript repeats the replies to the Python client. */
  readonly isLiveOnly?: boolean;
  readonly reason: string;
}

/** The mapping of our ids to those of Python: two ids are equal if each always maps to the other. */
export class SameIds {
  readonly #python = new Map<string, string>();
  readonly #ours = new Map<string, string>();

  /** Whether the two ids are equal; a new pair is added to the mapping. */
  match(python: string, ours: string): boolean {
    if (!this.#python.has(python) && !this.#ours.has(ours)) {
      this.#python.set(python, ours);
      this.#ours.set(ours, python);
    }
    return this.#python.get(python) === ours;
  }
}

/** Every place where two JSON values differ, at the deepest common path. */
export function differencesOf(
  where: string,
  python: unknown,
  ours: unknown,
  ids: SameIds,
): Difference[] {
  if (typeof python === 'string' && typeof ours === 'string')
    return isSameText(python, ours, ids) ? [] : [{ where, python, ours }];
  if (Array.isArray(python) && Array.isArray(ours) && python.length === ours.length)
    return python.flatMap((entry, index) => differencesOf(`${where}[]`, entry, ours[index], ids));
  if (isRecord(python) && isRecord(ours)) {
    const keys = new Set([...Object.keys(python), ...Object.keys(ours)]);
    return [...keys].flatMap((key) =>
      differencesOf(`${where}.${key}`, python[key], ours[key], ids),
    );
  }
  return isDeepStrictEqual(python, ours) ? [] : [{ where, python, ours }];
}

/** A readable description of a difference. */
export function inWords({ where, python, ours }: Difference): string {
  return `${where}: Python ${shown(python)}, ours ${shown(ours)}`;
}

/** The known difference that matches, or null. */
export function recognised(
  scenario: string,
  difference: Difference,
  table: readonly KnownDifference[],
): KnownDifference | null {
  const known = table.find(
    ({ where, scenarios, ...rest }) =>
      where === difference.where &&
      (scenarios?.includes(scenario) ?? true) &&
      (!('python' in rest) || isDeepStrictEqual(rest.python, difference.python)),
  );
  return known ?? null;
}

/** Whether two texts are equal apart from corresponding ids. */
function isSameText(python: string, ours: string, ids: SameIds): boolean {
  if (python.replaceAll(uuid, '') !== ours.replaceAll(uuid, '')) return false;
  const others = ours.match(uuid) ?? [];
  return (python.match(uuid) ?? []).every((id, index) => ids.match(id, others[index] ?? ''));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'has none' : `has ${JSON.stringify(value)}`;
}
