// Snippets about a client of an external codex app-server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Codex, UnixSocketTransport, WebSocketTransport } from '../../lib/index.js';
import { BinaryLocator } from '../../lib/transport/binary-locator.js';

/** A server on the home of the snippets, until it is disposed; `socket` is the file it creates, if any. */
async function listening(
  socket: string,
  ...options: readonly string[]
): Promise<{ readonly address: string } & AsyncDisposable> {
  const { CODEX_HOME: home = '', OPENAI_API_KEY } = process.env;
  const login = join(home, 'auth.json');
  await writeFile(login, JSON.stringify({ OPENAI_API_KEY }));
  const { path, args } = new BinaryLocator({ environment: process.env }).locate();
  const server = spawn(path, [...args, 'app-server', ...options], { cwd: home });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const isReady = (): boolean =>
    /listening on: \S+/.test(said) || (socket !== '' && existsSync(socket));
  while (!isReady()) await setTimeout(10);
  const [, address = ''] = /listening on: (\S+)/.exec(said) ?? [];
  return {
    address,
    async [Symbol.asyncDispose]() {
      const end = once(server, 'exit');
      server.kill('SIGKILL');
      await end;
      await rm(login);
    },
  };
}

export async function overWebSocket(): Promise<void> {
  const token = 'documentation-token-123456';
  const tokens = { fresh: async (): Promise<string> => Promise.resolve(token) };
  const file = join(process.env.CODEX_HOME ?? '', 'token');
  await writeFile(file, token);
  await using server = await listening(
    '',
    '--listen',
    'ws://127.0.0.1:0',
    '--ws-auth',
    'capability-token',
    '--ws-token-file',
    file,
  );
  const url = server.address;
  // #region WebSocketTransport
  const transport = new WebSocketTransport({ url, token: async () => tokens.fresh() });
  await using codex = new Codex({ transport });
  const { finalResponse } = await codex.startThread().run('Why is the build red?');
  console.log(finalResponse); // A test fails.
  // #endregion

  // #region remote.events
  for await (const event of codex.startThread().runStreamed('Why is the build red?')) {
    if (event.type === 'connection.lost') process.stdout.write('\n(looking for the turn again)\n');
    if (event.type === 'connection.restored') process.stdout.write('(found)\n');
    if (event.type === 'text.delta') process.stdout.write(event.text);
  }
  // #endregion
}

export async function overUnixSocket(): Promise<void> {
  const path = join(process.env.CODEX_HOME ?? '', 'codex.sock');
  await using server = await listening(path, '--listen', `unix://${path}`);
  console.assert(server.address === '');
  // #region UnixSocketTransport
  await using codex = new Codex({ transport: new UnixSocketTransport({ path }) });
  const { finalResponse } = await codex.startThread().run('Why is the build red?');
  console.log(finalResponse); // A test fails.
  // #endregion
}

export async function theDaemon(): Promise<void> {
  const home = process.env.CODEX_HOME ?? '';
  const socket = join(home, 'app-server-control', 'app-server-control.sock');
  await using server = await listening(socket, '--listen', 'unix://');
  console.assert(server.address === '');
  // #region UnixSocketTransport.daemon
  await using codex = new Codex({ transport: UnixSocketTransport.daemon() });
  const { version } = await codex.serverInfo();
  console.log(typeof version); // string
  // #endregion
}
