// Snippets of the doc comments of reverting turns together with their files.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function changes({ codex, model }: Stage): Promise<void> {
  await using folder = await TemporaryCodexHome.create();
  execFileSync('git', ['init', '-q'], { cwd: folder.path });
  const greeting = join(folder.path, 'greeting.txt');
  await writeFile(greeting, 'Hello');
  const thread = codex.startThread({
    model: 'gpt-5.5',
    sandboxMode: 'danger-full-access',
    workingDirectory: folder.path,
  });
  const patch = ['*** Update File: greeting.txt', '@@', '-Hello', '+Bonjour'].join('\n');
  model.reply(ScriptedReply.patch(`*** Begin Patch\n${patch}\n*** End Patch`));
  // #region Thread.changes
  const { turnId } = await thread.run('Greet in French');
  const { files } = await thread.changes({ turnId });
  console.log(files[0]?.path, files[0]?.status); // greeting.txt modified

  await thread.revert({ before: turnId, files: 'restore' });
  console.log(await readFile(greeting, 'utf8')); // Hello
  // #endregion
}
