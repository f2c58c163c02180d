import { ValidationError, type ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';

/** The value of a Codex setting. */
export type ConfigValue =
  | string
  | number
  | bigint
  | boolean
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue | undefined };

const bareKey = /^[A-Za-z0-9_-]+$/;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

const dottedPath = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/**
 * The `-c` arguments that set a nested configuration: `{ a: { b: true } }` becomes `a.b=true`.
 *
 * @throws {@link ValidationError} with every value that TOML cannot represent
 */
export function configOverrides(
  config: Readonly<Record<string, ConfigValue | undefined>>,
): string[] {
  const problems: ValidationProblem[] = [];
  const overrides = settingsIn(config).flatMap(([path, value]) => {
    if (dottedPath.test(path)) return [`${path}=${toToml(path, value, problems)}`];
    problems.push({
      path: JSON.stringify(path),
      reason:
        'a top-level key may only contain letters, digits, _ and -, or be a dotted path of such keys',
    });
    return [];
  });
  if (problems.length > 0) throw new ValidationError('config', problems);
  return overrides;
}

/**
 * The settings of a nested configuration, by dotted path: `{ a: { b: true } }` has `a.b`. A setting in this form leaves
 * its siblings unchanged; a table would replace the whole table of codex-rs.
 *
 * codex-rs does not support quoted keys in a dotted path, so a table that needs one is passed whole.
 */
export function settingsIn(
  config: Readonly<Record<string, ConfigValue | undefined>>,
): [path: string, value: ConfigValue][] {
  return entriesOf(config).flatMap(([name, value]) => settingsAt(name, value as ConfigValue));
}

function settingsAt(path: string, value: ConfigValue): [string, ConfigValue][] {
  if (!isPlainObject(value)) return [[path, value]];
  const entries = entriesOf(value);
  const isWhole = entries.length === 0 || entries.some(([key]) => !bareKey.test(key));
  if (isWhole) return [[path, value]];
  return entries.flatMap(([key, entry]) => settingsAt(`${path}.${key}`, entry as ConfigValue));
}

function toToml(path: string, value: unknown, problems: ValidationProblem[]): string {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string' && !loneSurrogate.test(value)) return quoted(value);
  if (Array.isArray(value))
    return `[${value.map((entry, index) => toToml(`${path}[${index}]`, entry, problems)).join(',')}]`;
  if (isPlainObject(value)) {
    const pairs = entriesOf(value).map(
      ([key, entry]) =>
        `${bareKey.test(key) ? key : quoted(key)}=${toToml(`${path}.${key}`, entry, problems)}`,
    );
    return `{${pairs.join(',')}}`;
  }
  problems.push({ path, reason: `TOML cannot represent ${describe(value)}` });
  return '';
}

function entriesOf(table: object): [string, unknown][] {
  return Object.entries(table).filter(([, value]) => value !== undefined);
}

function quoted(text: string): string {
  // TOML forbids the raw DEL character, which JSON allows.
  return JSON.stringify(text).replaceAll('\u007F', '\\u007F');
}

function describe(value: unknown): string {
  if (typeof value === 'string') return 'a string with an unpaired surrogate';
  if (typeof value === 'object' && value !== null) return `a ${value.constructor.name}`;
  return String(value);
}
