import type { Command } from './command.js';
import { DoctorCommand } from './doctor-command.js';
import { ExportCommand } from './export-command.js';
import { MigrateCommand } from './migrate-command.js';
import { ShowCommand } from './show-command.js';
import { TailCommand } from './tail-command.js';
import { ThreadsCommand } from './threads-command.js';

/** The commands of the program, in the order of its help. Add new commands here. */
export const commands: readonly Command[] = [
  new DoctorCommand(),
  new ThreadsCommand(),
  new ShowCommand(),
  new ExportCommand(),
  new TailCommand(),
  new MigrateCommand(),
];
