import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const text = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(text) as {
  readonly scripts: Readonly<Record<string, string>>;
} & Readonly<Record<string, unknown>>;

describe('The package', function () {
  this.timeout(20_000);

  it('names its repository and its issue tracker', () => {
    expect(manifest).to.include.keys('author', 'homepage', 'bugs', 'repository');
  });

  it('does not run scripts when it is installed', () => {
    expect(manifest.scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall');
  });

  it('is built before it is packed', () => {
    expect(manifest.scripts.prepack).to.match(/^npm run build\b/);
  });

  describe('when npm prepares it', () => {
    /** The requests to npm, recorded instead of executed. */
    function prepared(startedFor: string): unknown {
      const env = {
        PATH: process.env.PATH,
        npm_config_local_prefix: startedFor,
        npm_execpath: resolve('fixtures/programs/print-arguments.mjs'),
      };
      const command = [resolve('scripts/prepare.mjs')];
      return JSON.parse(execFileSync(process.execPath, command, { env, encoding: 'utf8' }));
    }

    it('generates the protocol only in a clone', () => {
      expect(prepared(resolve('.'))).to.deep.equal(['run', 'generate']);
    });

    it('is built for a project that installs it from git', () => {
      expect(prepared(homedir())).to.deep.equal(['run', 'build']);
    });
  });

  it('removes `prepare` from the packed package.json, and restores it', () => {
    const folder = mkdtempSync(join(homedir(), 'packaging-'));
    const [file, command] = [join(folder, 'package.json'), resolve('scripts/packed-manifest.mjs')];
    const rewritten = (step: string): string => {
      execFileSync(process.execPath, [command, step], { cwd: folder });
      return readFileSync(file, 'utf8');
    };
    try {
      mkdirSync(join(folder, '.build'));
      writeFileSync(file, text);
      const { prepare, ...others } = manifest.scripts;

      const packed = JSON.parse(rewritten('strip')) as unknown;

      expect(prepare).to.be.a('string');
      expect(packed).to.deep.equal({ ...manifest, scripts: others });
      expect(rewritten('restore')).to.equal(text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
