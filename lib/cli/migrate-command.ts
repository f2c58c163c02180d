import { argv } from 'node:process';
import { realpathSync } from 'node:fs';
import { ProjectMigration } from '../migration/project-migration.js';
import { counted } from '../page/wording.js';
import { Command, exitCodes, type CommandCall } from './command.js';

/** Rewrites programs of the official SDK for this package. */
export class MigrateCommand extends Command {
  readonly name = 'migrate';
  readonly summary = 'Rewrite programs of @openai/codex-sdk for codex-threads';
  override readonly parameters = ['PATH'];
  override readonly usesCodex = false;
  override readonly options = {
    'dry-run': { type: 'boolean', description: 'report the changes, but write no file' },
  } as const;
  override readonly remarks = [
    'PATH is a file or a directory. Code with exactly one equivalent is changed; the rest is marked with',
    'a comment, TODO(codex-threads). Commit your work first, and review the diff afterwards.',
  ];

  async run({ terminal, values, positionals: [path = ''] }: CommandCall): Promise<number> {
    const write = values['dry-run'] !== true;
    // With npx, the compiler may be installed next to this program instead of in the project.
    const compilerFrom = [realpathSync(argv[1] ?? '.')];
    let files = 0;
    for await (const migrated of new ProjectMigration({ path, write, compilerFrom }).run()) {
      const { file, changes, marks } = migrated;
      files += 1;
      terminal.line(
        `${file}: ${counted(changes, 'change')}, ${counted(marks.length, 'TODO comment')}`,
      );
      // Each comment moves the lines below it down by one.
      for (const [above, { line, text }] of marks.entries())
        terminal.line(`${file}:${line + (write ? above : 0)}: ${text}`);
    }
    if (files === 0) terminal.note(`No file in ${path} imports @openai/codex-sdk.`);
    else
      terminal.note(
        'After the migration, compile the program: the compiler reports values that may be null here, such as `finalResponse`.',
      );
    return exitCodes.done;
  }
}
