import type { Codex } from '../lib/index.js';
import { failure } from './failure.js';

/** Kills the codex-rs of a client; resolves once the client knows. */
export async function crash(codex: Codex): Promise<void> {
  const { processId } = await codex.serverInfo();
  if (processId === null) throw new Error('It is no process.');
  process.kill(processId, 'SIGSTOP');
  const ended = failure(codex.loadedThreads());
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(processId, 'SIGKILL');
  await ended;
}
