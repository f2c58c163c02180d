import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UnixSocketTransport } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { ListeningCodex } from './listening-codex.js';

describe('UnixSocketTransport', function () {
  this.timeout(30_000);
  let server: ListeningCodex;

  before(async () => {
    server = await ListeningCodex.start();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('runs a turn on the server that listens at a path', async () => {
    await using socket = await server.listenOnSocket();
    server.model.reply(ScriptedReply.message('A test fails.'));
    const codex = server.client({ transport: new UnixSocketTransport({ path: socket.path }) });
    const thread = codex.startThread({ workingDirectory: server.home.path });

    expect((await thread.run('Why is the build red?')).finalResponse).to.equal('A test fails.');
    await codex.close();
  });

  it('finds the server at the default path of a home', async () => {
    await using daemon = await server.listenOnSocket({ at: 'default' });
    const codex = server.client({
      transport: UnixSocketTransport.daemon({ codexHome: server.home.path }),
    });

    expect(daemon.path).to.contain(server.home.path);
    expect((await codex.serverInfo()).codexHome).to.equal(server.home.path);
    await codex.close();
  });

  it('reports how to start a server if the socket does not exist', async () => {
    const home = join(server.home.path, 'empty');
    await mkdir(home);
    const codex = server.client({ transport: UnixSocketTransport.daemon({ codexHome: home }) });
    const error = await failure(codex.warmUp());

    expect(error).to.include({ code: 'connect-failed', retryable: false });
    expect(String(error))
      .to.contain(join(home, 'app-server-control', 'app-server-control.sock'))
      .and.contain('codex app-server daemon start');
  });
});
