import { expect } from 'chai';
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BinaryLocator, type BinaryLocatorProps } from '../../lib/transport/binary-locator.js';
import { CodexNotFoundError } from '../../lib/transport/codex-not-found-error.js';
import { testedCodexVersion } from '../../lib/version.js';
import { temporaryHome } from './real-launch.js';

describe('BinaryLocator', () => {
  let home: ReturnType<typeof temporaryHome>;

  beforeEach(() => {
    home = temporaryHome();
  });

  afterEach(() => {
    home[Symbol.dispose]();
  });

  function place(file: string, content = '#!/bin/sh\n', mode = 0o755): string {
    const target = path.resolve(home.path, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    chmodSync(target, mode);
    return realpathSync(target);
  }

  /** A link to itself: reading it fails. */
  function loop(name: string): string {
    const link = path.join(home.path, name);
    symlinkSync(link, link);
    return link;
  }

  function locate(props: Partial<BinaryLocatorProps>): ReturnType<BinaryLocator['locate']> {
    return new BinaryLocator({ environment: {}, ...props }).locate();
  }

  function failure(props: Partial<BinaryLocatorProps>): CodexNotFoundError {
    try {
      return expect.fail(locate(props).path);
    } catch (error) {
      if (error instanceof CodexNotFoundError) return error;
      throw error;
    }
  }

  /** An npm package of codex with a native program for the platform, in the folder. */
  function placePackage(folder: string, platform: string, program: string): string {
    const triple =
      platform === 'win32'
        ? { x64: 'x86_64-pc-windows-msvc', arm64: 'aarch64-pc-windows-msvc' }[process.arch as 'x64']
        : { x64: 'x86_64-unknown-linux-musl', arm64: 'aarch64-unknown-linux-musl' }[
            process.arch as 'x64'
          ];
    const modules = path.join(folder, 'node_modules/@openai');
    place(`${modules}/codex/package.json`, '{"name":"@openai/codex","version":"9.9.9"}');
    place(`${modules}/codex/bin/codex.js`, '');
    place(`${modules}/codex-${platform}-${process.arch}/package.json`, '{"version":"9.9.9-x"}');
    return place(`${modules}/codex-${platform}-${process.arch}/vendor/${triple}/bin/${program}`);
  }

  describe('with the launcher of an older release', () => {
    const triple = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

    function placeLauncher(manifest: object = {}): string {
      place(
        'old/package.json',
        JSON.stringify({ name: '@openai/codex', version: '0.50.0', ...manifest }),
      );
      return place('old/bin/codex.js', '');
    }

    it('finds the program at the location in that release', () => {
      const codexPath = placeLauncher();
      const program = place(`old/vendor/${triple}-unknown-linux-musl/codex/codex`);

      expect(locate({ codexPath })).to.deep.include({ path: program, args: [], version: '0.50.0' });
    });

    it('runs the launcher itself if the program is not found', () => {
      const codexPath = placeLauncher();

      expect(locate({ codexPath })).to.deep.equal({
        path: process.execPath,
        args: [codexPath],
        source: 'codexPath',
        version: '0.50.0',
      });
    });

    it('reports what is missing if the release has its program in a separate package', () => {
      const name = `@openai/codex-${process.platform}-${process.arch}`;
      const codexPath = placeLauncher({ optionalDependencies: { [name]: '1' } });

      const { message } = failure({ codexPath });

      expect(message)
        .to.contain('specified by codexPath')
        .and.to.contain(`${name} is not installed`);
    });
  });

  it('finds the native binary of the installed package', () => {
    const found = locate({});

    expect(found).to.include({ source: '@openai/codex', version: testedCodexVersion });
    expect(path.basename(found.path)).to.equal('codex');
    expect(found.args).to.deep.equal([]);
  });

  it('prefers codexPath to CODEX_PATH, and CODEX_PATH to the package', () => {
    const option = place('a/codex');
    const variable = place('b/codex');

    expect(locate({ codexPath: option, environment: { CODEX_PATH: variable } })).to.deep.include({
      path: option,
      source: 'codexPath',
      version: null,
    });
    expect(locate({ environment: { CODEX_PATH: variable } })).to.deep.include({
      path: variable,
      source: 'CODEX_PATH',
    });
  });

  it('ignores an empty CODEX_PATH', () => {
    expect(locate({ environment: { CODEX_PATH: '' } }).source).to.equal('@openai/codex');
  });

  it('does not fall back to another version if the specified path is unusable', () => {
    const file = path.join(home.path, 'missing');

    expect(failure({ codexPath: file }).looked).to.deep.equal([
      { source: 'codexPath', path: file, reason: 'does not exist' },
    ]);
    expect(failure({ environment: { CODEX_PATH: home.path } }).looked).to.deep.equal([
      { source: 'CODEX_PATH', path: home.path, reason: 'is not a file' },
    ]);
  });

  it('reports that a file is not executable', () => {
    const file = place('codex', '', 0o644);

    const error = failure({ codexPath: file });

    expect(error.looked[0]?.reason).to.equal('is not executable by this user');
    expect(error.message).to.contain(file);
  });

  it('reports why a file cannot be read', () => {
    const file = loop('codex');

    const [looked] = failure({ codexPath: file }).looked;

    expect(looked?.reason).to.match(/^cannot be read: ELOOP/);
  });

  it('skips directories of PATH that cannot be read', () => {
    const program = place('readable/codex');
    const environment = { PATH: [loop('unreadable'), path.dirname(program)].join(':') };

    expect(locate({ codexPath: 'codex', environment }).path).to.equal(program);
  });

  it('searches PATH for a bare name', () => {
    const file = place('bin/my-codex');
    const PATH = `/nonexistent:${path.dirname(file)}`;

    expect(locate({ codexPath: 'my-codex', environment: { PATH } }).path).to.equal(file);
    expect(failure({ codexPath: 'other-codex', environment: { PATH } }).looked).to.deep.equal([
      { source: 'codexPath', path: null, reason: 'no other-codex in 2 directories of PATH' },
    ]);
  });

  it('runs a script with Node', () => {
    const script = place('tool.mjs', '', 0o644);

    expect(locate({ codexPath: script })).to.deep.include({
      path: process.execPath,
      args: [script],
    });
  });

  it('resolves the launcher of an npm package to its native program', () => {
    const program = placePackage(home.path, 'linux', 'codex');
    const link = path.join(home.path, 'codex');
    symlinkSync(path.join(home.path, 'node_modules/@openai/codex/bin/codex.js'), link);

    expect(locate({ codexPath: link, platform: 'linux' })).to.deep.include({
      path: program,
      args: [],
      version: '9.9.9',
    });
  });

  it('lists all locations if the platform has no build', () => {
    const error = failure({ environment: { PATH: home.path }, platform: 'sunos' });

    expect(error.looked.map(({ source }) => source)).to.include.members([
      'codexPath',
      'CODEX_PATH',
      '@openai/codex',
      'PATH',
    ]);
    expect(error.message).to.contain('no build for sunos');
  });

  describe('on Windows', () => {
    const cmd = [
      '@ECHO off',
      'SETLOCAL',
      '"%_prog%"  "%dp0%\\node_modules\\@openai\\codex\\bin\\codex.js" %*',
    ].join('\r\n');
    const ps1 =
      '& "node$exe"  "$basedir/node_modules/@openai/codex/bin/codex.js" $args\nexit $LASTEXITCODE\n';

    it('resolves the npm shims to the native program, never to a shell', () => {
      const program = placePackage(home.path, 'win32', 'codex.exe');
      const shims = [place('codex.cmd', cmd), place('codex.ps1', ps1)];

      const found = shims.map((codexPath) => locate({ codexPath, platform: 'win32' }).path);

      expect(found).to.deep.equal([program, program]);
    });

    it('searches Path, in any case, for .exe, .cmd and .ps1', () => {
      const program = placePackage(path.join(home.path, 'npm'), 'win32', 'codex.exe');
      place('npm/codex', '#!/bin/sh');
      place('npm/codex.cmd', cmd);
      const environment = { Path: `${home.path};${path.join(home.path, 'npm')}` };

      expect(locate({ codexPath: 'codex', environment, platform: 'win32' }).path).to.equal(program);
    });

    it('refuses a shim that does not name a program', () => {
      const shim = place('codex.cmd', '@echo hello');

      expect(failure({ codexPath: shim, platform: 'win32' }).looked).to.deep.equal([
        { source: 'codexPath', path: shim, reason: 'does not name a program: not an npm shim' },
      ]);
    });
  });
});
