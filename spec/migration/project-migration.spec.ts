import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ProjectMigration, type MigratedFile } from '../../lib/migration/project-migration.js';
import { failure } from '../outcomes.js';

const official = "import { Codex } from '@openai/codex-sdk';\n";
const migrated = "import { Codex } from 'codex-threads';\n";

async function all(migration: ProjectMigration): Promise<readonly MigratedFile[]> {
  const files: MigratedFile[] = [];
  for await (const file of migration.run()) files.push(file);
  return files;
}

describe('ProjectMigration', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(homedir(), 'migration-'));
    mkdirSync(join(folder, 'node_modules'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function compiler(name: string): void {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules/typescript'));
  }

  function write(file: string, text: string): string {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  it('writes the files that import the official SDK, and no others', async () => {
    compiler('typescript');
    const source = write('src/a.ts', official);
    const others = ['src/b.ts', 'src/node_modules/x/c.js', 'src/dist/d.js', 'src/e.d.ts'];
    write('src/b.ts', "import 'node:fs';\n");
    for (const file of others.slice(1)) write(file, official);

    const files = await all(new ProjectMigration({ path: join(folder, 'src'), write: true }));

    expect(files.map(({ file }) => file)).to.deep.equal([source]);
    expect(readFileSync(source, 'utf8')).to.equal(migrated);
    expect(others.map((file) => readFileSync(join(folder, file), 'utf8'))).not.to.include(migrated);
  });

  it('only reports without write, even for a single file', async () => {
    compiler('typescript');
    const path = write('a.mjs', official);

    const [file] = await all(new ProjectMigration({ path, write: false }));

    expect(file).to.deep.equal({ file: path, text: migrated, changes: 1, marks: [] });
    expect(readFileSync(path, 'utf8')).to.equal(official);
  });

  it('rejects without a usable compiler', async () => {
    compiler('typescript7');
    write('a.ts', official);

    const error = await failure(all(new ProjectMigration({ path: folder, write: true })));

    expect(error).to.have.property('code', 'compiler-missing');
    expect(String(error)).to.include(folder).and.to.include('Install typescript@6');
  });

  it('rejects without a usable compiler with a complete command that has one', async () => {
    compiler('typescript7');
    write('a.ts', official);
    const path = join(folder, 'my program');
    mkdirSync(path);

    const wet = await failure(all(new ProjectMigration({ path: folder, write: true })));
    const dry = await failure(all(new ProjectMigration({ path, write: false })));

    const command = 'npx --package=typescript@6 --package=codex-threads codex-threads migrate';
    expect(String(wet))
      .to.match(/migrate [^ ]+$/)
      .and.to.contain(`${command} ${folder}`);
    expect(String(dry)).to.contain(`${command} --dry-run "${path}"`);
  });

  it('rejects for a path that does not exist', async () => {
    compiler('typescript');
    const path = join(folder, 'nowhere');

    const error = await failure(all(new ProjectMigration({ path, write: true })));

    expect(error).to.have.property('code', 'invalid-input');
    expect(String(error)).to.include(`${path} cannot be read`);
  });

  it('uses the compiler of another directory if the project has none', async () => {
    const path = write('a.ts', official);
    const props = { path, write: false, compilerFrom: [resolve('node_modules')] };

    expect(await all(new ProjectMigration(props))).to.have.length(1);
  });
});
