import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Codex } from '../../lib/index.js';
import { TransportError, WebSocketTransport } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { CertificateAuthority } from '../certificate-authority.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { ListeningCodex } from './listening-codex.js';

describe('A server behind haproxy with TLS', function () {
  this.timeout(60_000);
  let server: ListeningCodex;
  let proxy: ChildProcess;
  let url: string;
  let ca: string;

  before(async () => {
    server = await ListeningCodex.start();
    const { path } = server.home;
    const file = (name: string): string => join(path, name);
    const authority = new CertificateAuthority(path);
    const { certificate, key } = authority.issue('localhost');
    writeFileSync(file('both.pem'), certificate + key);
    ca = authority.certificate;
    const port = await freePort();
    url = `wss://localhost:${port}`;
    writeFileSync(
      file('haproxy.cfg'),
      `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend tls
  bind 127.0.0.1:${port} ssl crt ${file('both.pem')}
  default_backend codex
backend codex
  server one 127.0.0.1:${server.port}
`,
    );
    proxy = spawn('haproxy', ['-db', '-f', file('haproxy.cfg')], { stdio: 'ignore' });
    await untilListening(port);
  });

  after(async () => {
    const end = once(proxy, 'exit');
    proxy.kill('SIGKILL');
    await end;
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function clientWith(
    options: Partial<ConstructorParameters<typeof WebSocketTransport>[0]>,
  ): Codex {
    const transport = new WebSocketTransport({ url, token: server.token, ...options });
    return server.client({ transport });
  }

  it('runs a turn if its certificate authority is trusted', async () => {
    server.model.reply(ScriptedReply.message('A test fails.'));
    const codex = clientWith({ tls: { ca } });
    const { finalResponse } = await codex.startThread().run('Why is the build red?');
    expect(finalResponse).to.equal('A test fails.');
  });

  it('runs a turn through an agent', async () => {
    server.model.reply(ScriptedReply.message('A test fails.'));
    const codex = clientWith({ agent: new Agent({ ca }) });
    const { finalResponse } = await codex.startThread().run('Why is the build red?');
    expect(finalResponse).to.equal('A test fails.');
  });

  it('is refused permanently if its certificate authority is not trusted', async () => {
    const error = await failure(clientWith({}).serverInfo());
    if (!TransportError.is(error)) throw error;
    expect(error).to.include({ code: 'connect-failed', retryable: false });
    expect(error.message).to.contain('certificate');
  });

  it('finds its turn again when the proxy is killed and restarted', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
    const turn = clientWith({ tls: { ca } }).startThread().runStreamed('Why is the build red?');
    for await (const event of turn) {
      if (event.type === 'text.delta' && !gate.isOpen) {
        const end = once(proxy, 'exit');
        proxy.kill('SIGKILL');
        await end;
        gate.open();
        proxy = spawn('haproxy', ['-db', '-f', join(server.home.path, 'haproxy.cfg')], {
          stdio: 'ignore',
        });
      }
    }
    expect((await turn.result()).finalResponse).to.equal('A test fails.');
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function untilListening(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
