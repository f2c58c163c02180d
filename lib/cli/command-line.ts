import { parseArgs } from 'node:util';
import { CodexError, version, type Codex } from '../index.js';
import { exitCodes, type Command, type CommandOptions, type OptionValues } from './command.js';
import { globalOptions, openCodex, optionsOf } from './open-codex.js';
import { commandHelp, generalHelp } from './help.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** The program `codex-threads`: finds the command, runs it, and maps its outcome to an exit code. */
export class CommandLine {
  readonly #commands: readonly Command[];
  readonly #terminal: Terminal;

  constructor(commands: readonly Command[], terminal: Terminal) {
    this.#commands = commands;
    this.#terminal = terminal;
  }

  /** Runs the command that the arguments name, and returns the exit code. */
  async run(args: readonly string[], signal: AbortSignal): Promise<number> {
    try {
      return await this.#run(args, signal);
    } catch (error) {
      if (signal.aborted) return exitCodes.interrupted;
      return this.#failed(error);
    }
  }

  async #run(args: readonly string[], signal: AbortSignal): Promise<number> {
    const name = this.#nameIn(args);
    if (name === undefined) {
      const { values } = parsed(args, globalOptions, 'codex-threads');
      if (values.version === true) this.#terminal.line(version);
      else if (values.help === true) this.#terminal.line(generalHelp(this.#commands));
      else throw new UsageError(`No command was given.\n\n${generalHelp(this.#commands)}`);
      return exitCodes.done;
    }
    const command = this.#commands.find((known) => known.name === name);
    if (command === undefined)
      throw new UsageError(
        `Unknown command "${name}". The commands are: ${this.#commands.map((known) => known.name).join(', ')}.`,
      );
    return this.#runCommand(command, args, signal);
  }

  async #runCommand(
    command: Command,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<number> {
    const title = `codex-threads ${command.name}`;
    const { values, positionals } = parsed(args, optionsOf(command), title);
    if (values.version === true || values.help === true) {
      this.#terminal.line(values.version === true ? version : commandHelp(command));
      return exitCodes.done;
    }
    const given = positionals.slice(1);
    const missing = command.parameters[given.length];
    if (missing !== undefined)
      throw new UsageError(
        `${missing} is missing. Usage: ${title} ${command.parameters.join(' ')}`,
      );
    const extra = given[command.parameters.length];
    if (extra !== undefined)
      throw new UsageError(`Unexpected argument "${extra}". Run "${title} --help".`);
    const connect = (): Codex => openCodex(values);
    return command.run({ terminal: this.#terminal, positionals: given, values, signal, connect });
  }

  /** The first word that is neither an option nor the value of one. */
  #nameIn(args: readonly string[]): string | undefined {
    const options = Object.assign(
      {},
      ...this.#commands.map((command) => command.options),
      globalOptions,
    ) as CommandOptions;
    const { positionals } = parseArgs({
      args: [...args],
      options,
      strict: false,
      allowPositionals: true,
    });
    return positionals[0];
  }

  #failed(error: unknown): number {
    if (error instanceof UsageError) {
      this.#terminal.note(this.#terminal.styled([], error.message));
      return exitCodes.usage;
    }
    if (!CodexError.is(error)) throw error;
    this.#terminal.note(this.#terminal.styled([], `${error.message} (${error.code})`));
    if (error.code === 'thread-unknown') return exitCodes.unknownThread;
    return error.code === 'invalid-input' ? exitCodes.usage : exitCodes.failed;
  }
}

interface ParsedArguments {
  readonly values: OptionValues;
  readonly positionals: readonly string[];
}

function parsed(args: readonly string[], options: CommandOptions, title: string): ParsedArguments {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    const [sentence = message] = message.split(/(?<=[^.])\. (?=To specify|Did you)/);
    throw new UsageError(`${sentence.replace(/\.?$/, '.')} Run "${title} --help".`);
  }
}
