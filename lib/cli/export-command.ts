import { writeFile } from 'node:fs/promises';
import { CodexError } from '../index.js';
import { exportThread, renderThread } from '../page/index.js';
import { Command, exitCodes, textOf, type CommandCall } from './command.js';
import { threadIdOf } from './thread-reference.js';
import { UsageError } from './usage-error.js';

/** Writes a thread as one HTML page. */
export class ExportCommand extends Command {
  readonly name = 'export';
  readonly summary = 'Write a thread as one HTML page';
  override readonly parameters = ['THREAD'];
  override readonly options = {
    html: {
      type: 'string',
      hint: 'FILE',
      description: 'the file to write (required); "-" for the standard output',
    },
    title: { type: 'string', hint: 'TEXT', description: 'the heading of the page' },
  } as const;
  override readonly remarks = [
    'The page needs no network and runs no script. Credentials are replaced by [redacted].',
    'Other confidential text stays: read the page before you attach it to a report.',
  ];

  async run({
    terminal,
    values,
    positionals: [argument = ''],
    connect,
  }: CommandCall): Promise<number> {
    const file = textOf(values, 'html');
    if (file === undefined || file === '')
      throw new UsageError(
        '--html FILE is missing. Usage: codex-threads export THREAD --html FILE',
      );
    await using codex = connect();
    const exported = await exportThread(codex, await threadIdOf(codex, argument));
    const page = renderThread(exported, { title: textOf(values, 'title') });
    if (file === '-') terminal.line(page.trimEnd());
    else await write(file, page);
    if (file !== '-') terminal.note(`Wrote ${file} (${Math.ceil(page.length / 1024)} KiB).`);
    return exitCodes.done;
  }
}

async function write(file: string, page: string): Promise<void> {
  try {
    // Other users of this machine must not read it.
    await writeFile(file, page, { mode: 0o600 });
  } catch (error) {
    throw new CodexError(
      `${file} cannot be written: ${(error as Error).message}. Name a file in a directory that exists and is writable.`,
      { code: 'file-not-written', cause: error },
    );
  }
}
