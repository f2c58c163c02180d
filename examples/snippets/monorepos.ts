// The snippet of the guide on monorepos.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Codex } from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';

export async function packagesAtOnce(): Promise<void> {
  await using directory = await TemporaryCodexHome.create();
  const repository = directory.path;
  const packages = ['api'];
  for (const name of packages) await mkdir(join(repository, 'packages', name), { recursive: true });
  // #region packagesAtOnce
  await using codex = new Codex();
  const work = packages.map(async (name) => {
    const workingDirectory = resolve(repository, 'packages', name);
    const thread = codex.startThread({ workingDirectory, labels: { package: name } });
    return thread.run('Update the changelog');
  });
  for (const { finalResponse } of await Promise.all(work)) console.log(finalResponse); // A test fails.
  // #endregion
}
