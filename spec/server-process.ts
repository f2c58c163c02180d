import type { ChildProcess } from 'node:child_process';
import { processesThatStay } from './root-hooks.js';

/** Resolves to the first group of the pattern in the output of a server; rejects if the server ends before. */
export async function printed(server: ChildProcess, words: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: unknown): void => {
      text += String(chunk);
      const [, found] = words.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', () => {
      reject(new Error(`The server ended: ${text}`));
    });
  });
}

/** Kills a server, regardless of its state, and resolves when it has ended. */
export async function killed(server: ChildProcess): Promise<void> {
  const { exitCode, signalCode, pid = 0 } = server;
  if (exitCode === null && signalCode === null)
    await new Promise<void>((resolve) => {
      server.once('exit', () => {
        resolve();
      });
      server.kill('SIGKILL');
    });
  processesThatStay.delete(pid);
}
