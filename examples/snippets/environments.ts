// Snippets about commands that run on another machine, by a codex exec-server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Codex, EnvironmentError, ThreadStateError } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { BinaryLocator } from '../../lib/transport/binary-locator.js';
import type { Stage } from './stage.js';

/** An exec-server in its own directory, until it is disposed. */
async function execServer(): Promise<
  {
    readonly url: string;
    readonly directory: string;
    readonly stop: () => Promise<void>;
  } & AsyncDisposable
> {
  const directory = join(process.env.CODEX_HOME ?? '', 'builder');
  mkdirSync(directory, { recursive: true });
  const { path, args } = new BinaryLocator({ environment: process.env }).locate();
  const listen = ['exec-server', '--listen', 'ws://127.0.0.1:0'];
  const env = { ...process.env, PLACE: 'builder' };
  const server = spawn(path, [...args, ...listen], { cwd: directory, env });
  let said = '';
  while (!said.includes('ws://')) {
    const [chunk] = (await once(server.stdout, 'data')) as [Buffer];
    said += String(chunk);
  }
  const [url = ''] = /ws:\/\/\S+/.exec(said) ?? [];
  const stop = async (): Promise<void> => {
    if (server.signalCode !== null) return;
    const end = once(server, 'exit');
    server.kill('SIGKILL');
    await end;
  };
  return { url, directory, stop, [Symbol.asyncDispose]: stop };
}

export async function elsewhere({ model }: Stage): Promise<void> {
  await using server = await execServer();
  const { url, directory } = server;
  model.reply(ScriptedReply.shellCommand('echo $PLACE'));
  // #region environmentsGuide
  await using codex = new Codex({ environments: { builder: { url } } });
  const environments = [{ name: 'builder', workingDirectory: directory }];
  const thread = codex.startThread({ environments });
  const { items } = await thread.run('Where do you run?');
  for (const item of items)
    if (item.type === 'commandExecution') console.log(item.aggregatedOutput?.trim()); // builder
  // #endregion
  // #region environmentsResume
  const { threadId } = await thread.run('And now the tests');
  await using other = new Codex(); // Runs commands on this machine.
  try {
    await other.resumeThread(threadId);
  } catch (error) {
    if (!ThreadStateError.is(error)) throw error;
    console.log(error.code); // thread-in-environments
  }
  // #endregion
}

export async function configured(): Promise<void> {
  await using server = await execServer();
  // #region ExecServerOptions
  await using codex = new Codex({ environments: { builder: { url: server.url } } });
  const [builder] = await codex.environments.list();
  console.log(builder?.name, builder?.status); // builder ready
  // #endregion
}

export async function addedLater(): Promise<void> {
  await using server = await execServer();
  const { directory } = server;
  await using codex = new Codex({ environments: {} });
  // #region Environments
  await codex.environments.add('builder', { url: server.url });
  for (const { name, status, workingDirectory } of await codex.environments.list())
    console.log(name, status, workingDirectory === directory); // builder ready true
  // #endregion
}

export async function gone(): Promise<void> {
  await using server = await execServer();
  const { directory } = server;
  await using codex = new Codex({ environments: { builder: { url: server.url } } });
  // #region withEnvironments
  const thread = codex
    .thread()
    .withEnvironments({ name: 'builder', workingDirectory: directory })
    .build();
  await thread.run('Build it');
  // #endregion
  // #region EnvironmentError
  await server.stop();
  try {
    await thread.run('Build it again');
  } catch (error) {
    if (!EnvironmentError.is(error)) throw error;
    console.log(error.code, error.environment); // environment-unreachable builder
  }
  // #endregion
}
