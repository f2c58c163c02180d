import type { ValidationProblem } from '../errors.js';
import type { TurnEnvironmentParams } from '../protocol/index.js';
import { entriesOf, joined, shown } from '../validation.js';
import { refuse } from './option-reader.js';
import { isText, listOf, option, rule } from './option-rules.js';

/** An environment that a thread works in. */
export interface ThreadEnvironment {
  /** Its name among the `environments` of the client. */
  readonly name: string;
  /** The working directory of the thread in this environment: an absolute path in the syntax of that machine. */
  readonly workingDirectory: string;
}

/** The environments of a thread. Commands run in the first one by default. @internal */
export function threadEnvironments(): PropertyDecorator {
  return option(
    {},
    listOf(readEnvironment),
    rule(
      'list',
      (value) => Array.isArray(value) && namesIn(value).size === value.length,
      'must be an array of { name, workingDirectory } with unique names',
    ),
  );
}

/** The environments in the form of the protocol. @internal */
export function wireEnvironments(
  environments: readonly ThreadEnvironment[] | undefined,
): TurnEnvironmentParams[] | undefined {
  if (environments === undefined || environments.length === 0) return undefined;
  return environments.map(({ name, workingDirectory: cwd }) => ({ environmentId: name, cwd }));
}

/**
 * Returns the problem with the name of an environment, or null. codex-rs reserves `local` for its own machine.
 *
 * @internal
 */
export function environmentNameProblem(name: unknown): string | null {
  if (name === 'local') return 'cannot be "local", which codex-rs reserves for its own machine';
  return isText(name) ? null : `must be a non-empty string, got ${shown(name)}`;
}

function readEnvironment(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const entries = entriesOf(value);
  if (entries === null)
    return refuse(problems, at, `must be { name, workingDirectory }, got ${shown(value)}`);
  const given = new Map(entries);
  const [name, workingDirectory] = [
    given.get('name'),
    given.get('workingDirectory') ?? given.get('working_directory'),
  ];
  const known: unknown[] = ['name', 'workingDirectory', 'working_directory'];
  const unknown = [...given.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined)
    return refuse(problems, at, `has the unknown property ${shown(unknown)}`);
  const nameProblem = environmentNameProblem(name);
  if (nameProblem !== null) return refuse(problems, joined(at, 'name'), nameProblem);
  if (typeof workingDirectory !== 'string' || !isAbsoluteAnywhere.test(workingDirectory))
    return refuse(
      problems,
      joined(at, 'workingDirectory'),
      `must be an absolute path on the remote machine, got ${shown(workingDirectory)}`,
    );
  return Object.freeze({ name: name as string, workingDirectory });
}

/** The other machine may run another operating system. */
const isAbsoluteAnywhere = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

function namesIn(environments: readonly unknown[]): Set<unknown> {
  return new Set(environments.map((each) => (each as ThreadEnvironment).name));
}
