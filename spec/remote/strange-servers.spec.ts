import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Codex, TransportError, WebSocketTransport } from '../../lib/index.js';
import { failure } from '../outcomes.js';
import { RawServer, greeting, reply, type Asked } from './raw-server.js';

function clientOf(server: RawServer): Codex {
  return new Codex({
    transport: new WebSocketTransport({ url: server.url }),
    startupTimeoutMs: 5000,
  });
}

describe('A server on a WebSocket', function () {
  this.timeout(20_000);

  it('that is overloaded at initialize is retried over a new connection', async () => {
    let refusals = 3;
    await using server = await RawServer.start((asked, socket) => {
      if (asked.method === 'initialize' && refusals-- > 0)
        socket.send(JSON.stringify({ id: asked.id, error: { code: -32001, message: 'Busy' } }));
      else if (asked.id !== undefined) reply(socket, asked, greeting);
    });
    await using codex = clientOf(server);

    expect((await codex.serverInfo()).codexHome).to.equal('/nowhere');
    expect(server.handshakes).to.have.length(4);
  });

  it('that stays overloaded fails the start in time', async () => {
    await using server = await RawServer.start((asked, socket) => {
      socket.send(JSON.stringify({ id: asked.id, error: { code: -32001, message: 'Busy' } }));
    });
    await using codex = new Codex({
      transport: new WebSocketTransport({ url: server.url }),
      startupTimeoutMs: 300,
    });

    expect(await failure(codex.warmUp())).to.have.property('code', 'start-timeout');
  });

  it('that is silent fails the start in time', async () => {
    await using server = await RawServer.start(() => undefined);
    await using codex = new Codex({
      transport: new WebSocketTransport({ url: server.url }),
      startupTimeoutMs: 200,
    });

    expect(await failure(codex.warmUp())).to.have.property('code', 'start-timeout');
  });

  it('that closes at once is a lost connection', async () => {
    await using server = await RawServer.start((_asked, socket) => {
      socket.terminate();
    });
    await using codex = clientOf(server);
    const error = await failure(codex.warmUp());

    expect(TransportError.is(error)).to.equal(true);
    expect(error).to.have.property('code', 'connection-lost');
  });

  const noises: Readonly<Record<string, readonly (string | Buffer)[]>> = {
    garbage: ['garbage', '', '{', 'null', '[]', '17', '{"id":{}}', Buffer.from([0xff, 0xfe, 0x00])],
    'unexpected replies': ['{"id":99999,"result":{}}', '{"id":"abc","error":{}}'],
    'a flood of notifications': Array.from({ length: 20_000 }, (_, at) =>
      JSON.stringify({ method: 'item/agentMessage/delta', params: { delta: `word ${at}` } }),
    ),
    'a request that does not exist': ['{"id":"a","method":"no/such","params":{}}'],
  };
  for (const [name, messages] of Object.entries(noises))
    it(`that sends ${name} is still read`, async () => {
      const send = (asked: Asked, result: unknown): string =>
        JSON.stringify({ id: asked.id, result });
      await using server = await RawServer.start((asked, socket) => {
        if (asked.method === undefined || asked.id === undefined) return;
        for (const message of messages) socket.send(message);
        socket.send(send(asked, asked.method === 'initialize' ? greeting : { data: [] }));
      });
      await using codex = clientOf(server);

      const { data } = await codex.request('thread/list', {});
      expect(data).to.deep.equal([]);
    });

  it('that repeats the token and the headers in its refusal does not expose them in an error', async () => {
    const server = createServer();
    server.on('upgrade', ({ headers }, socket) => {
      const body = `${String(headers.authorization)} and ${String(headers['x-pass'])} are wrong`;
      socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const transport = new WebSocketTransport({
      url: `ws://127.0.0.1:${port}`,
      token: 'token of words'.replaceAll(' ', '-'),
      headers: { 'X-Pass': 'words in a header' },
    });
    await using codex = new Codex({ transport });
    const error = await failure(codex.warmUp());
    server.close();

    expect(error).to.include({ code: 'unauthorized', retryable: false });
    expect(String(error)).to.contain('are wrong');
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error))
      .not.to.contain('token-of-words')
      .and.not.contain('words in a header');
  });

  it('that sends an oversized message is reported with the limit', async () => {
    await using server = await RawServer.start((asked, socket) => {
      if (asked.method === 'initialize') reply(socket, asked, greeting);
      else if (asked.id !== undefined) reply(socket, asked, { data: 'x'.repeat(2 ** 21) });
    });
    await using codex = new Codex({
      transport: new WebSocketTransport({ url: server.url }),
      maxFrameBytes: 2 ** 20,
    });
    const error = await failure(codex.request('thread/list', {}));

    expect(error).to.have.property('code', 'frame-too-large');
  });
});
