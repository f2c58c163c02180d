import type { ValidationProblem } from '../errors.js';
import { Secret } from '../redaction.js';
import { isRecord } from '../shapes.js';
import { entriesOf, isReservedName, joined, shown } from '../validation.js';
import { refuse } from './option-reader.js';
import type { Given } from './option-records.js';
import { choice, listOf, option, rule } from './option-rules.js';

const mask = new Secret('').toString();

/** The variables that the child inherits from this process: all, those that every program needs, or none. @inline */
export type EnvironmentInheritance = 'all' | 'core' | 'none';

/**
 * The environment of the codex process: inherited variables, then variables passed by name, then set values.
 *
 * @example
 * ```ts
 * const codex = new Codex({
 *   environment: { inherit: 'core', pass: ['NPM_TOKEN'], set: { CI: 'true' } },
 * });
 * console.log(codex.options.environment?.pass); // [ 'NPM_TOKEN' ]
 * ```
 */
export class EnvironmentOptions {
  /** The inherited variables. Absent: `all`, or `core` for a private client. */
  @choice(['all', 'core', 'none'] satisfies EnvironmentInheritance[])
  readonly inherit?: EnvironmentInheritance;

  /** Names of additional variables to pass to the process. */
  @option({}, listOf(readName), rule('list', Array.isArray, 'must be an array of names'))
  readonly pass?: readonly string[];

  /** Variables with their values. */
  @variables()
  readonly set?: Readonly<Record<string, string>>;
}

/** {@link EnvironmentOptions} as an object literal. @inline */
export interface EnvironmentOptionsRecord extends Given<Omit<EnvironmentOptions, 'set'>> {
  /** Variables with their values. Undefined variables are omitted. */
  readonly set?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A record of strings for an environment. Undefined variables are omitted, as in `process.env`. @internal */
export function variables(): PropertyDecorator {
  return option({}, readVariables, rule('variables', isRecord, 'must be a record of strings'));
}

function readVariables(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const entries = entriesOf(value);
  if (entries === null)
    return refuse(problems, at, `must be a record of strings, got a value of type ${typeof value}`);
  const read = new Map<string, string>();
  for (const [key, given] of entries) {
    const name = readName(key, joined(at, typeof key === 'string' ? key : shown(key)), problems);
    if (name === undefined || given === undefined) continue;
    const path = joined(at, name);
    if (read.has(name)) refuse(problems, path, 'is given twice');
    else if (typeof given !== 'string')
      refuse(problems, path, `must be a string, got a value of type ${typeof given}`);
    else if (given === mask)
      refuse(problems, path, 'is the mask of a redacted value: pass the value itself');
    else if (given.includes('\0')) refuse(problems, path, 'must not contain NUL characters');
    else read.set(name, given);
  }
  return Object.fromEntries(read);
}

function readName(name: unknown, path: string, problems: ValidationProblem[]): string | undefined {
  return typeof name === 'string' && /^[^=\0]+$/.test(name) && !isReservedName(name)
    ? name
    : refuse(problems, path, 'is not a valid name for an environment variable');
}
