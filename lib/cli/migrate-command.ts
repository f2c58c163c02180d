import { argv } from 'node:process';
import { realpathSync } from 'node:fs';
import { ProjectMigration } from '../migration/project-migration.js';
import { Command, exitCodes, type CommandCall } from './command.js';

/** Rewrites programs of the official SDK for this package. */
export class MigrateCommand extends Command {
  readonly name = 'migrate';
  readonly summary = 'Rewrite programs of @openai/codex-sdk for codex-threads';
  override readonly parameters = ['PATH'];
  override readonly options = {
    'dry-run': { type: 'boolean', description: 'report the changes, but write no file' },
  } as const;
  override readonly remarks = [
    'PATH is a file or a directory. Changes that have one equivalent are made; the rest is marked with',
    'a comment, TODO(codex-threads). Commit your work first, and read the difference afterwards.',
  ];

  async run({ terminal, values, positionals: [path = ''] }: CommandCall): Promise<number> {
    const write = values['dry-run'] !== true;
    // With npx, the compiler may be installed next to this program instead of in the project.
    const compilerFrom = [realpathSync(argv[1] ?? '.')];
    let files = 0;
    for await (const migrated of new ProjectMigration({ path, write, compilerFrom }).run()) {
      const { file, changes, marks } = migrated;
      files += 1;
      terminal.line(`${file}: ${changes} ${changes === 1 ? 'change' : 'changes'}`);
      for (const { line, text } of marks) terminal.line(`${file}:${line}: ${text}`);
    }
    if (files === 0) terminal.note(`No file in ${path} imports @openai/codex-sdk.`);
    else
      terminal.note(
        'After the migration, compile the program: the compiler reports values that may be null here, such as `finalResponse`.',
      );
    return exitCodes.done;
  }
}
