import type { DoctorReport } from '../index.js';
import { Command, exitCodes, type CommandCall } from './command.js';
import type { Terminal } from './terminal.js';

/** Checks whether turns can run here. */
export class DoctorCommand extends Command {
  readonly name = 'doctor';
  readonly summary = 'Check whether turns can run here';
  override readonly options = {
    json: { type: 'boolean', description: 'print the report as JSON' },
  } as const;
  override readonly remarks = [
    'The exit code is 1 if there are problems. The command does not check the model provider: only a',
    'turn tests the key and the network.',
  ];

  async run({ terminal, values, connect }: CommandCall): Promise<number> {
    await using codex = connect();
    const report = await codex.doctor();
    if (values.json === true) terminal.line(JSON.stringify(report, null, 2));
    else print(terminal, report);
    return report.problems.length === 0 ? exitCodes.done : exitCodes.failed;
  }
}

function print(terminal: Terminal, report: DoctorReport): void {
  const { binary, version, versionIsTested, account, home, isolation, roundTripMs } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['codex', binary ?? 'on the server, or not found'],
    ['version', `${version ?? 'unknown'}${versionIsTested ? ' (tested)' : ' (not tested)'}`],
    ['home', `${home ?? 'unknown'}${isolation === 'private' ? ' (private)' : ''}`],
    ['writable', fact(report.homeIsWritable)],
    ['account', account ?? 'none'],
    ['provider', 'not checked: only a turn tests the key and the network'],
    ['sandbox', fact(report.sandboxIsUsable)],
    ['answers in', roundTripMs === null ? 'no answer' : `${roundTripMs.toFixed(1)} ms`],
  ];
  for (const [term, value] of rows)
    terminal.line(`${terminal.styled('dim', term.padEnd(11))} ${terminal.styled([], value)}`);
  terminal.line();
  if (report.problems.length === 0) terminal.line(terminal.styled('green', 'No problem found.'));
  for (const { check, what, advice } of report.problems) {
    terminal.line(`${terminal.styled(['bold', 'red'], check)} ${terminal.styled([], what)}`);
    terminal.line(`  ${terminal.styled([], advice)}`);
  }
}

function fact(value: boolean | null): string {
  return value === null ? 'unknown' : value ? 'yes' : 'no';
}
