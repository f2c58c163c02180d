import { ValidationError, type ValidationProblem } from '../errors.js';

/** A value that a Codex setting can have. */
export type ConfigValue =
  | string
  | number
  | bigint
  | boolean
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue | undefined };

const bareKey = /^[A-Za-z0-9_-]+$/;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * The `-c` arguments that set a nested configuration: `{ a: { b: true } }` becomes `a.b=true`.
 *
 * codex-rs does not understand quoted keys in a dotted path, so a table that needs one is given whole, as an inline table.
 *
 * @throws {@link ValidationError} listing every value that has no TOML form.
 */
export function configOverrides(
  config: Readonly<Record<string, ConfigValue | undefined>>,
): string[] {
  const problems: ValidationProblem[] = [];
  const overrides = entriesOf(config).flatMap(([key, value]) => {
    if (bareKey.test(key)) return overridesAt(key, value, problems);
    problems.push({
      path: JSON.stringify(key),
      reason: 'a top-level key may only have letters, digits, _ and -',
    });
    return [];
  });
  if (problems.length > 0) throw new ValidationError('config', problems);
  return overrides;
}

function overridesAt(path: string, value: unknown, problems: ValidationProblem[]): string[] {
  if (!isTable(value)) return [`${path}=${toToml(path, value, problems)}`];
  const entries = entriesOf(value);
  const needsInline = entries.length === 0 || entries.some(([key]) => !bareKey.test(key));
  if (needsInline) return [`${path}=${toToml(path, value, problems)}`];
  return entries.flatMap(([key, entry]) => overridesAt(`${path}.${key}`, entry, problems));
}

function toToml(path: string, value: unknown, problems: ValidationProblem[]): string {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string' && !loneSurrogate.test(value)) return quoted(value);
  if (Array.isArray(value))
    return `[${value.map((entry, index) => toToml(`${path}[${index}]`, entry, problems)).join(',')}]`;
  if (isTable(value)) {
    const pairs = entriesOf(value).map(
      ([key, entry]) =>
        `${bareKey.test(key) ? key : quoted(key)}=${toToml(`${path}.${key}`, entry, problems)}`,
    );
    return `{${pairs.join(',')}}`;
  }
  problems.push({ path, reason: `TOML has no form for ${describe(value)}` });
  return '';
}

function isTable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function entriesOf(table: object): [string, unknown][] {
  return Object.entries(table).filter(([, value]) => value !== undefined);
}

function quoted(text: string): string {
  // TOML forbids the raw DEL character, which JSON allows.
  return JSON.stringify(text).replaceAll('\u007F', '\\u007F');
}

function describe(value: unknown): string {
  if (typeof value === 'string') return 'a string with half a surrogate pair';
  if (typeof value === 'object' && value !== null) return `a ${value.constructor.name}`;
  return String(value);
}
