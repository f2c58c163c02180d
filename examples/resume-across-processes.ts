// One task over two processes: the first stores a snapshot in a file, and the second resumes from it, but only if the
// thread has not changed in the meantime. Run it without arguments: it starts the second process itself, twice. The
// second time the snapshot is out of date, so the resume is refused.
//
// npm run example resume-across-processes
// npm run example resume-across-processes -- --live    with your own key or login
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Codex, ResumeRejectedError, type CodexOptionsRecord } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

async function begin(options: CodexOptionsRecord, file: string): Promise<void> {
  await using codex = new Codex(options);
  const thread = codex.startThread({ sandboxMode: 'read-only', labels: { ticket: 'PAY-123' } });
  const { finalResponse } = await thread.run('Plan the migration.');
  console.log(`first process:  ${finalResponse ?? ''}`);
  await writeFile(file, JSON.stringify(thread), { mode: 0o600 });
}

async function goOn(options: CodexOptionsRecord, file: string): Promise<void> {
  await using codex = new Codex(options);
  try {
    const thread = await codex.restoreThread(JSON.parse(await readFile(file, 'utf8')));
    const { finalResponse } = await thread.run('Write the first step.');
    console.log(`second process: ${finalResponse ?? ''} (${thread.labels.get('ticket') ?? ''})`);
  } catch (error) {
    if (!ResumeRejectedError.is(error)) throw error;
    console.log(`second process: ${error.reason}: ${error.verdict.message}`);
  }
}

async function runAgain(options: CodexOptionsRecord, file: string): Promise<void> {
  const child = fork(process.argv[1] ?? '', [file, JSON.stringify(options)]);
  await once(child, 'exit');
}

const [, , given = '', options = '{}'] = process.argv;
if (given !== '' && given !== '--live') {
  await goOn(JSON.parse(options) as CodexOptionsRecord, given);
} else {
  await using place = await LiveOrScripted.start(
    ScriptedReply.message('Three steps.'),
    ScriptedReply.message('Step one is written.'),
  );
  const folder = await mkdtemp(join(homedir(), '.resume-example-'));
  const file = join(folder, 'thread.json');
  await begin(place.options, file);
  await runAgain(place.options, file);
  // The snapshot is older than the second turn, so it no longer resumes the thread.
  await runAgain(place.options, file);
  await rm(folder, { recursive: true });
}
