import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inspect, promisify } from 'node:util';
import { TransportError, WebSocketTransport, type Codex } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { ListeningCodex } from './listening-codex.js';

const mebibyte = 2 ** 20;

describe('WebSocketTransport', function () {
  this.timeout(30_000);
  let server: ListeningCodex;
  let codex: Codex;

  before(async () => {
    server = await ListeningCodex.start();
    codex = server.client();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('runs a turn on an external server', async () => {
    server.model.reply(ScriptedReply.message('A test fails.'));
    const thread = codex.startThread({ workingDirectory: server.home.path });

    expect((await thread.run('Why is the build red?')).finalResponse).to.equal('A test fails.');
    expect((await codex.serverInfo()).codexHome).to.equal(server.home.path);
    expect((await codex.serverInfo()).processId).to.equal(null);
  });

  it('requests a token for every connection', async () => {
    const given: string[] = [];
    const token = async (): Promise<string> => {
      await Promise.resolve();
      given.push(server.token);
      return server.token;
    };
    const line = await server.line();
    const client = server.client({ transport: new WebSocketTransport({ url: line.url, token }) });
    await client.warmUp();
    line.cut();
    await eventually(async () => {
      await client.warmUp();
      return given.length === 2;
    });

    expect(line.connections).to.equal(2);
  });

  it('refuses an invalid token from the function, without its text', async () => {
    const client = server.client({
      transport: server.transport({ token: () => `wrong\n${server.token}` }),
    });
    const error = await failure(client.warmUp());

    expect(error).to.have.property('code', 'invalid-input');
    expect(inspect(error)).not.to.contain(server.token);
  });

  for (const [name, wrong] of [
    ['another token', 'another-token-1234567890'],
    ['no token', undefined],
  ] as const)
    it(`is refused permanently with ${name}, which is not repeated in messages`, async () => {
      let asked = 0;
      const transport = server.transport({
        token:
          wrong === undefined
            ? undefined
            : () => {
                asked += 1;
                return wrong;
              },
      });
      const client = server.client({ transport });
      const error = await failure(client.startThread().run('Hi'));

      if (!TransportError.is(error)) throw error;
      expect(error).to.include({ code: 'unauthorized', retryable: false });
      expect(error.message).to.contain(server.url.replace(/\/$/, ''));
      if (wrong !== undefined) {
        expect(asked).to.equal(1);
        for (const text of [
          inspect(error, { depth: 9 }),
          JSON.stringify(error),
          String(error.stack),
        ])
          expect(text).not.to.contain(wrong);
        expect(inspect(client, { depth: 9 }) + inspect(transport, { depth: 9 })).not.to.contain(
          wrong,
        );
        expect(JSON.stringify(client.options)).not.to.contain(wrong);
      }
    });

  it('reports where no server answers, and that a retry may help', async () => {
    const line = await server.line();
    const { url } = line;
    await line.close();
    const client = server.client({ transport: new WebSocketTransport({ url }) });
    const error = await failure(client.warmUp());

    expect(error).to.include({ code: 'connect-failed', retryable: true });
    expect(String(error)).to.contain(new URL(url).host).and.contain('--listen');
  });

  it('does not accept a page of another program as a server', async () => {
    const client = server.client({
      transport: new WebSocketTransport({ url: server.model.baseUrl.replace(/^http/, 'ws') }),
    });
    const error = await failure(client.warmUp());

    expect(error).to.have.property('code', 'connect-failed');
    expect(String(error)).to.contain('Check that it is a codex app-server.');
  });

  it('sends a message of 20 MiB in fragments, and receives one of that size', async () => {
    const path = join(server.home.path, 'large');
    const data = Buffer.alloc(20 * mebibyte, 'codex');
    await codex.request('fs/writeFile', { path, dataBase64: data.toString('base64') });

    expect((await readFile(path)).equals(data)).to.equal(true);
    const { dataBase64 } = await codex.request('fs/readFile', { path });
    expect(Buffer.from(dataBase64, 'base64').equals(data)).to.equal(true);
  });

  it('logs in a dedicated server with the key of the client', async () => {
    const key = 'spec-key-of-the-client-1234';
    await using other = await ListeningCodex.start();
    const client = other.client({
      transport: other.transport({ ownership: 'dedicated' }),
      apiKey: key,
    });
    other.model.reply(ScriptedReply.message('Hello.'));
    await client.startThread({ workingDirectory: other.home.path }).run('Hi');

    expect(other.model.requests.at(-1)?.headers.authorization).to.equal(`Bearer ${key}`);
  });

  it('ends neither the server nor the turn of another client when its client is closed', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
    const other = server.client();
    await other.warmUp();
    const turn = codex
      .startThread({ workingDirectory: server.home.path })
      .runStreamed('Why is the build red?');
    for await (const event of turn)
      if (event.type === 'text.delta') {
        await other.close();
        gate.open();
      }

    expect((await turn.result()).finalResponse).to.equal('A test fails.');
  });

  it('does not keep a program alive that does not close its client', async () => {
    server.model.reply(ScriptedReply.message('Done'));
    const program = resolve('fixtures/programs/forgets-to-disconnect.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      JSON.stringify({ url: server.url, token: server.token }),
      server.home.path,
    ]);

    expect(stdout.trim()).to.equal('Done');
  });
});

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
