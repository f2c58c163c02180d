import type { Codex } from '../index.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** One option of a command in the form of Node's `parseArgs`, with its line of help. */
export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  /** The name of the value in the help. */
  readonly hint?: string;
  readonly description: string;
}

/** The options of a command by name. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** One call of a command. */
export interface CommandCall {
  readonly terminal: Terminal;
  /** The arguments after the name of the command. */
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  /** Aborted by Ctrl-C, and when the reader closes the output. */
  readonly signal: AbortSignal;
  /** Creates a client for the home or server that the command line names. The command closes it. */
  readonly connect: () => Codex;
}

/** The values of the options by name. */
export type OptionValues = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** The exit codes of commands. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unknownThread: 3,
  interrupted: 130,
} as const;

/** One of the commands of `codex-threads`. */
export abstract class Command {
  /** The word on the command line. */
  abstract readonly name: string;
  /** One line for the list of commands. */
  abstract readonly summary: string;
  /** The names of the arguments. Each is required. */
  readonly parameters: readonly string[] = [];
  readonly options: CommandOptions = {};
  /** Whether the command uses codex-rs, and therefore accepts a home or a server. */
  readonly usesCodex: boolean = true;
  /** Sentences below the options in the help. */
  readonly remarks: readonly string[] = [];

  /** Runs the command and returns the exit code. */
  abstract run(call: CommandCall): Promise<number>;
}

/** Returns the value of an option with one text. */
export function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * The value of an option as an integer, 1 or greater.
 *
 * @throws `UsageError` for another value
 */
export function countOf(values: OptionValues, name: string): number | undefined {
  const text = textOf(values, name);
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(`--${name} must be an integer, 1 or greater, got "${text}".`);
  return text === undefined ? undefined : Number(text);
}

/** Returns the values of a repeatable option. */
export function textsOf(values: OptionValues, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
