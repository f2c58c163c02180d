import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type TypeScript from 'typescript';
import { CodexError, ValidationError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { SourceMigration, type MigratedSource } from './source-migration.js';

const sources = /(?<!\.d)\.[cm]?[jt]sx?$/;
const leftOut = /(^|[\\/])(node_modules|dist|build|coverage|\.[^\\/]+)[\\/]/;

/** Properties of a {@link ProjectMigration}. */
export interface ProjectMigrationProps {
  /** The file or directory to migrate. */
  readonly path: string;
  /** Whether files are written. Otherwise the migration only reports. */
  readonly write: boolean;
  /** More files or directories from which the compiler is looked up, after `path`. */
  readonly compilerFrom?: readonly string[];
}

/** A file that a {@link ProjectMigration} migrated. */
export interface MigratedFile extends MigratedSource {
  /** Its path. */
  readonly file: string;
}

/** Migrates the files of a project that import the official SDK, with the TypeScript compiler of that project. */
export class ProjectMigration {
  readonly #props: ProjectMigrationProps;

  constructor(props: ProjectMigrationProps) {
    this.#props = props;
  }

  /**
   * Yields each migrated file. Files that do not import the official SDK do not change.
   *
   * @throws `ValidationError` if the path cannot be read
   * @throws `CodexError` `compiler-missing` if no TypeScript compiler with a JavaScript API is found
   */
  async *run(): AsyncGenerator<MigratedFile, void> {
    const { path, write } = this.#props;
    const migration = new SourceMigration(compilerOf(this.#props));
    for (const file of await sourcesIn(path)) {
      const migrated = migration.migrate(file, await readFile(file, 'utf8'));
      if (migrated === null) continue;
      if (write) await writeFile(file, migrated.text);
      yield { file, ...migrated };
    }
  }
}

async function sourcesIn(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: unknown) => {
    const problem = { path: '', reason: `${path} cannot be read: ${messageOf(error)}` };
    throw new ValidationError('path to migrate', [problem], error);
  });
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true });
  return entries
    .filter((entry) => sources.test(entry) && !leftOut.test(entry))
    .sort()
    .map((entry) => join(path, entry));
}

function compilerOf({ path, write, compilerFrom = [] }: ProjectMigrationProps): typeof TypeScript {
  const places = [path, ...compilerFrom];
  for (const place of places) {
    // The file need not exist: the lookup starts in its directory.
    for (const base of [
      join(resolve(place), 'index.js'),
      join(dirname(resolve(place)), 'index.js'),
    ]) {
      const compiler = loaded(base);
      if (compiler !== null) return compiler;
    }
  }
  const parameters = [...(write ? [] : ['--dry-run']), quoted(path)].join(' ');
  throw new CodexError(
    `The migration needs TypeScript 5 or 6, which was not found from ${places.join(' or ')} (TypeScript 7 has no JavaScript API). Install typescript@6 in the project, or run npx --package=typescript@6 --package=codex-threads codex-threads migrate ${parameters}`,
    { code: 'compiler-missing' },
  );
}

/** A path as an argument in a shell. */
function quoted(path: string): string {
  return /^[\w@./\\:-]+$/.test(path) ? path : JSON.stringify(path);
}

/** Null for TypeScript 7, which has no JavaScript API. */
function loaded(base: string): typeof TypeScript | null {
  try {
    const compiler = createRequire(base)('typescript') as Partial<typeof TypeScript>;
    return typeof compiler.createSourceFile === 'function' ? compiler : null;
  } catch {
    return null;
  }
}
