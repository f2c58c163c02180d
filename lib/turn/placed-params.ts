import { resolve } from 'node:path';
import { currentDirectory } from '../paths.js';
import { isRecord } from '../shapes.js';

/** The requests that codex-rs applies to its own directory by default. */
const ownDirectory: Readonly<Record<string, 'cwd' | 'cwds'>> = {
  'command/exec': 'cwd',
  'hooks/list': 'cwds',
  'skills/list': 'cwds',
  'thread/start': 'cwd',
};

/**
 * Resolves the directories of a request: relative and omitted directories refer to the current directory of this process.
 * codex-rs runs in another directory.
 */
export function placedParams<P>(method: string, params: P): P {
  const here = currentDirectory();
  if (here === null || !(isRecord(params) || params === undefined)) return params;
  const given: Record<string, unknown> = params ?? {};
  const isFree = given.threadId === undefined || given.threadId === null;
  const name = isFree && Object.hasOwn(ownDirectory, method) ? ownDirectory[method] : undefined;
  const own = name === undefined || isNamed(given[name]) ? {} : { [name]: usual[name](here) };
  const named = Object.fromEntries(
    ['cwd', 'cwds']
      .filter((name) => isNamed(given[name]))
      .map((name) => [name, absolute(given[name], here)]),
  );
  return { ...params, ...named, ...own };
}

const usual = { cwd: (here: string) => here, cwds: (here: string) => [here] };

function isNamed(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : (value ?? null) !== null;
}

function absolute(value: unknown, here: string): unknown {
  if (Array.isArray(value)) return value.map((one) => absolute(one, here));
  return typeof value === 'string' ? resolve(here, value) : value;
}
