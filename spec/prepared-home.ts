import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Codex } from '../lib/index.js';
import { TemporaryCodexHome } from '../lib/testing/index.js';
import { testedCodexVersion } from '../lib/version.js';

const directory = join('.build', `codex-home-${testedCodexVersion}`);

/** Creates the empty databases of codex-rs once: copying them saves each new home some 100 ms at its first start. */
export async function prepareHome(): Promise<void> {
  if ((await databases()).length > 0) return;
  await using home = await TemporaryCodexHome.create();
  const { path: codexHome } = home;
  const env = { PATH: process.env.PATH ?? '', HOME: codexHome };
  await using codex = new Codex({ codexHome, env, apiKey: 'spec-key-1234567890' });
  await codex.serverInfo();
  await codex.close();
  const draft = `${directory}-${process.pid}`;
  await mkdir(draft, { recursive: true });
  for (const name of (await readdir(codexHome)).filter((name) => name.includes('.sqlite')))
    await copyFile(join(codexHome, name), join(draft, name));
  await rm(directory, { recursive: true, force: true });
  await rename(draft, directory);
}

/** Copies the databases into a home that codex-rs has not used yet. Another version of it has others. */
export async function fillHome(path: string): Promise<void> {
  if (process.env.CODEX_PATH !== undefined) return;
  for (const name of await databases()) await copyFile(join(directory, name), join(path, name));
}

async function databases(): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}
