import { S3 } from '@aws-sdk/client-s3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const credentials = { accessKeyId: 'spec', secretAccessKey: 'spec-secret' };

/** An S3 server (versitygw, which stores objects as files), in its own directory. */
export class RealS3 {
  readonly bucket = 'threads';
  readonly client: S3;
  readonly #server: ChildProcess;
  readonly #directory: string;

  private constructor(server: ChildProcess, directory: string, port: number) {
    this.#server = server;
    this.#directory = directory;
    this.client = new S3({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
    });
  }

  static async start(): Promise<RealS3> {
    const program = process.env.CODEX_THREADS_VERSITYGW ?? resolve('.build/go/versitygw');
    const directory = mkdtempSync(join(homedir(), '.codex-threads-s3-'));
    const [data, meta] = [join(directory, 'data'), join(directory, 'meta')];
    for (const folder of [data, meta]) mkdirSync(folder);
    const port = await freePort();
    const { accessKeyId, secretAccessKey } = credentials;
    const login = ['--access', accessKeyId, '--secret', secretAccessKey];
    const server = spawn(
      program,
      [...login, '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', meta, data],
      { stdio: 'ignore' },
    );
    const s3 = new RealS3(server, directory, port);
    await s3.#answered();
    return s3;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    const exited = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await exited;
    rmSync(this.#directory, { recursive: true });
  }

  async #answered(): Promise<void> {
    for (;;)
      try {
        await this.client.createBucket({ Bucket: this.bucket });
        return;
      } catch (error) {
        if (this.#server.exitCode !== null) throw error;
        await wait(50);
      }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
