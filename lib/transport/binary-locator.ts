import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { CodexNotFoundError, type CodexLocation } from './codex-not-found-error.js';
import { codeOf, messageOf } from '../shapes.js';
import { currentDirectory, absolutePath } from '../paths.js';
import { here } from './here.cjs';

/** A program that can be spawned without a shell. @inline */
export interface CodexBinary {
  /** The program. */
  readonly path: string;
  /** Arguments before those of Codex, such as the script if the program is Node. */
  readonly args: readonly string[];
  /** The source of the path: `codexPath`, `CODEX_PATH`, `@openai/codex` or `PATH`. */
  readonly source: string;
  /** The version of its npm package, or null if it does not belong to one. */
  readonly version: string | null;
}

/**
 * Finds the codex binary: `codexPath`, then `CODEX_PATH`, then the installed npm package, then `PATH`.
 *
 * An explicit path is final: if it does not work, no other version is used instead.
 */
export class BinaryLocator {
  readonly #codexPath: string | undefined;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #platform: NodeJS.Platform;
  readonly #looked: CodexLocation[] = [];

  constructor(props: BinaryLocatorProps) {
    this.#codexPath = props.codexPath;
    this.#environment = props.environment;
    this.#platform = props.platform ?? process.platform;
  }

  /**
   * Returns the first usable binary.
   *
   * @throws {@link CodexNotFoundError} with every searched location and the reason for its rejection
   */
  locate(): CodexBinary {
    this.#looked.length = 0;
    const found = this.#named() ?? this.#installed() ?? this.#onPath();
    if (found === null) throw new CodexNotFoundError([...this.#looked]);
    return found;
  }

  #named(): CodexBinary | null {
    const [source, named] =
      this.#codexPath === undefined
        ? ['CODEX_PATH', this.#variable('CODEX_PATH')]
        : ['codexPath', this.#codexPath];
    if (named === undefined || named === '') {
      this.#miss('codexPath', null, 'not given');
      this.#miss('CODEX_PATH', null, 'not set');
      return null;
    }
    const found = /[\\/]/.test(named) ? this.#at(source, named) : this.#search(source, named);
    if (found === null) throw new CodexNotFoundError([...this.#looked]);
    return found;
  }

  #at(source: string, named: string): CodexBinary | null {
    const read = absolutePath(named);
    return 'path' in read
      ? this.#program(source, read.path)
      : this.#miss(source, named, read.problem);
  }

  #installed(): CodexBinary | null {
    const source = '@openai/codex';
    // A bundler moves this file out of node_modules, so the directory of the application is searched as well.
    const current = currentDirectory();
    const bases = [here, current === null ? '' : path.join(current, 'package.json')];
    for (const base of bases.filter((file) => file !== '')) {
      const manifest = resolveFrom(base, '@openai/codex/package.json');
      if (manifest === null)
        this.#miss(source, path.dirname(base), 'the package is not installed here');
      else {
        const found = this.#native(source, manifest);
        if (found !== null) return found;
      }
    }
    return null;
  }

  #onPath(): CodexBinary | null {
    return this.#search('PATH', 'codex');
  }

  #search(source: string, name: string): CodexBinary | null {
    const isWindows = this.#platform === 'win32';
    const directories = (this.#variable('PATH') ?? '')
      .split(isWindows ? ';' : ':')
      .filter((directory) => path.isAbsolute(directory) || currentDirectory() !== null)
      .filter(Boolean);
    const endings = isWindows && path.extname(name) === '' ? ['.exe', '.cmd', '.ps1'] : [''];
    const candidates = directories.flatMap((directory) =>
      endings.map((ending) => path.resolve(directory, `${name}${ending}`)),
    );
    for (const candidate of candidates.filter(exists)) {
      const found = this.#program(source, candidate);
      if (found !== null) return found;
    }
    if (!candidates.some(exists))
      this.#miss(source, null, `no ${name} in ${directories.length} directories of PATH`);
    return null;
  }

  /**
   * Resolves a file to a program that can be spawned without a shell: follows scripts and shims to the program behind
   * them.
   */
  #program(source: string, file: string): CodexBinary | null {
    const problem = this.#problemOf(file);
    if (problem !== null) return this.#miss(source, file, problem);
    const target = realpathSync(file);
    if (/\.(cmd|bat|ps1)$/i.test(target)) return this.#behindShim(source, target);
    if (!/\.[cm]?js$/i.test(target)) return { path: target, args: [], source, version: null };
    const manifest = path.join(path.dirname(target), '..', 'package.json');
    const launcher = { path: process.execPath, args: [target], source, version: null };
    if (readManifest(manifest)?.name !== '@openai/codex') return launcher;
    return this.#native(source, manifest, launcher);
  }

  #behindShim(source: string, shim: string): CodexBinary | null {
    const named = /["'](?:%~dp0|%dp0%|\$basedir)[\\/]+([^"'%$]+\.(?:[cm]?js|exe))["']/i.exec(
      readFileSync(shim, 'utf8'),
    )?.[1];
    if (named === undefined)
      return this.#miss(source, shim, 'does not name a program: not an npm shim');
    return this.#program(source, path.resolve(path.dirname(shim), named.replaceAll('\\', '/')));
  }

  /**
   * The native program of an installed npm package. Compared with its JavaScript launcher, it saves a process and
   * receives signals.
   */
  #native(source: string, manifest: string, launcher?: CodexBinary): CodexBinary | null {
    const triple = targets[`${this.#platform}-${process.arch}`];
    if (triple === undefined)
      return this.#miss(source, manifest, `no build for ${this.#platform} on ${process.arch}`);
    const name = `@openai/codex-${this.#platform === 'android' ? 'linux' : this.#platform}-${process.arch}`;
    const { version = null, optionalDependencies = {} } = readManifest(manifest) ?? {};
    const own = resolveFrom(manifest, `${name}/package.json`) ?? manifest;
    const file = programIn([path.dirname(manifest), path.dirname(own)], triple, this.#platform);
    const problem = this.#problemOf(file);
    if (problem === null) return { path: file, args: [], source, version };
    // This release keeps its program elsewhere; its launcher finds it.
    if (launcher !== undefined && own === manifest && !(name in optionalDependencies))
      return { ...launcher, version };
    const advice =
      own === manifest ? `${name} is not installed (npm install without --omit=optional)` : problem;
    return this.#miss(source, file, advice);
  }

  #problemOf(file: string): string | null {
    try {
      if (!statSync(file).isFile()) return 'is not a file';
      if (this.#platform !== 'win32' && !/\.([cm]?js|cmd|bat|ps1)$/i.test(file))
        accessSync(file, constants.X_OK);
      return null;
    } catch (error) {
      switch (codeOf(error)) {
        case 'EACCES':
          return 'is not executable by this user';
        case 'ENOENT':
        case 'ENOTDIR':
          return 'does not exist';
        default:
          // Node and Deno can deny a program access to files.
          return `cannot be read: ${messageOf(error)}`;
      }
    }
  }

  #variable(name: string): string | undefined {
    if (this.#platform !== 'win32') return this.#environment[name];
    const key = Object.keys(this.#environment).find((key) => key.toUpperCase() === name);
    return key === undefined ? undefined : this.#environment[key];
  }

  #miss(source: string, file: string | null, reason: string): null {
    this.#looked.push({ source, path: file, reason });
    return null;
  }
}

/** Properties of a {@link BinaryLocator}. */
export interface BinaryLocatorProps {
  /** The path, or the name of a program on `PATH`, from the user. */
  readonly codexPath?: string | undefined;
  /** The variables to read `CODEX_PATH` and `PATH` from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** @defaultValue the platform of this process */
  readonly platform?: NodeJS.Platform;
}

const targets: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'android-x64': 'x86_64-unknown-linux-musl',
  'android-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
  'win32-x64': 'x86_64-pc-windows-msvc',
  'win32-arm64': 'aarch64-pc-windows-msvc',
};

/** The program in the folders of a package. Releases up to 0.128 contain the native files in the package itself. */
function programIn(folders: readonly string[], triple: string, platform: NodeJS.Platform): string {
  const program = platform === 'win32' ? 'codex.exe' : 'codex';
  const usual = ['bin', 'codex'].flatMap((place) =>
    folders.map((folder) => path.join(folder, 'vendor', triple, place, program)),
  );
  return usual.find(exists) ?? path.join(folders.at(-1) ?? '', 'vendor', triple, 'bin', program);
}

function resolveFrom(base: string, specifier: string): string | null {
  try {
    return createRequire(base).resolve(specifier);
  } catch {
    return null;
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readManifest(file: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch {
    return null;
  }
}

function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // This user or program cannot read the directory.
    return false;
  }
}
