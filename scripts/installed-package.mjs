// Installs the package as npm would from the registry: packed, and outside the repository, so that its node_modules are
// not found. Used by the checks that run programs on it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmCommand } from './npm.mjs';

/** The environment without the developer's settings for codex-rs and Node: a consumer cannot rely on them. */
export const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(CODEX_|OPENAI_|NODE_|npm_(?!config_))/.test(name),
  ),
);

/** Packs the package (which builds it) and installs it into a new folder, which the caller removes. */
export function installPackage(name) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), `codex-threads-${name}-`)));
  try {
    const packed = npm(process.cwd(), 'pack', '--json', '--pack-destination', root);
    const [{ filename }] = JSON.parse(packed);
    writeManifest(root, { private: true, dependencies: { 'codex-threads': `file:${filename}` } });
    install(root);
    return { root, tarball: join(root, filename) };
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

export function install(folder, ...options) {
  npm(folder, 'install', '--no-audit', '--no-fund', '--no-package-lock', ...options);
}

export function writeManifest(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
}

function npm(folder, ...command) {
  const [program, ...first] = npmCommand;
  const { status, stdout, stderr, error } = spawnSync(program, [...first, ...command], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm ${command[0]} failed in ${folder}:\n${error ?? stderr}`);
  return stdout;
}
