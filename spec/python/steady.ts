import { dirname, join } from 'node:path';

/** A value without the parts that differ between runs, as produced by the harvester's normaliser. */
export function steady(value: unknown, project: string, key = ''): unknown {
  if (typeof value === 'string')
    return value
      .replaceAll(project, '/home/user/project')
      .replaceAll(join(dirname(project), 'home'), '/home/user/.codex')
      .replaceAll(/sessions\/\d{4}\/\d\d\/\d\d\//g, 'sessions/2023/11/14/')
      .replaceAll(/rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-/g, 'rollout-2023-11-14T22-13-20-')
      .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:4000');
  if (typeof value === 'number') return steadyTime(value, key);
  if (Array.isArray(value)) return value.map((entry) => steady(entry, project));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, steady(entry, project, name)]),
  );
}

function steadyTime(value: number, key: string): number {
  if (key.endsWith('AtMs')) return 1_700_000_000_000;
  if (/(?:At|_at)$/.test(key)) return 1_700_000_000;
  return key === 'duration_ms' || key === 'durationMs' ? 100 : value;
}
