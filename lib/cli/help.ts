import type { Command, CommandOptions } from './command.js';
import { globalOptions, optionsOf } from './open-codex.js';

/** Returns the help of the program. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'Usage: codex-threads COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...columns(
      commands.map(({ name, parameters, summary }) => [[name, ...parameters].join(' '), summary]),
    ),
    '',
    'Options:',
    ...columns(optionRows(globalOptions)),
    '',
    'THREAD is the id of a thread, or "last" for the one that changed last.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 unknown thread, 130 stopped by Ctrl-C.',
  ].join('\n');
}

/** Returns the help of one command. */
export function commandHelp(command: Command): string {
  const { name, parameters, summary, remarks } = command;
  return [
    `Usage: ${['codex-threads', name, ...parameters].join(' ')} [OPTIONS]`,
    '',
    `${summary}.`,
    '',
    'Options:',
    ...columns(optionRows(optionsOf(command))),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
  ].join('\n');
}

function optionRows(options: CommandOptions): readonly (readonly [string, string])[] {
  return Object.entries(options).map(([name, { short, hint, description }]) => [
    [
      short === undefined ? '' : `-${short}, `,
      `--${name}`,
      hint === undefined ? '' : ` ${hint}`,
    ].join(''),
    description,
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, text]) => `  ${term.padEnd(width)}  ${text}`);
}
