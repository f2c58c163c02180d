import { readdirSync, readFileSync } from 'node:fs';
import { telemetry, type Codex } from '../lib/index.js';

/** The process id of a client's codex-rs. */
export async function processOf(codex: Codex): Promise<number> {
  const { processId } = await codex.serverInfo();
  if (processId === null) throw new Error('The server is not a process.');
  return processId;
}

/** Kills the codex-rs of a client; resolves when the client has noticed. */
export async function crash(codex: Codex): Promise<void> {
  const processId = await processOf(codex);
  const ended = new Promise<void>((resolve) => {
    const stop = telemetry.process.subscribe((message) => {
      if (message.event !== 'ended' || message.processId !== processId) return;
      stop();
      resolve();
    });
  });
  process.kill(processId, 'SIGKILL');
  await ended;
}

/** Stops a process (SIGSTOP); resolves when all of its threads have stopped. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (process.platform === 'linux' && !standsStill(pid))
    await new Promise((resolve) => setImmediate(resolve));
}

function standsStill(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'))
      .every((stat) => stat.slice(stat.lastIndexOf(')')).startsWith(') T'));
  } catch {
    // One of its threads has ended meanwhile.
    return false;
  }
}
