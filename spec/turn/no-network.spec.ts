import { expect } from 'chai';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import sinon from 'sinon';
import { telemetry, TurnFailedError, type CodexOptionsRecord } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

/** A proxy to the model that can be closed and opened; while it is closed, it refuses every connection. */
class Road {
  readonly #target: number;
  #server: Server | null = null;
  #port = 0;

  constructor(target: number) {
    this.#target = target;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  async open(): Promise<void> {
    this.#server = createServer((socket) => {
      const other = connect(this.#target, '127.0.0.1');
      socket.pipe(other).pipe(socket);
      for (const end of [socket, other]) end.on('error', () => socket.destroy());
    }).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.close();
    await once(server, 'close');
  }
}

describe('A turn without network', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let road: Road;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Here'));
    road = new Road(Number(new URL(offline.model.baseUrl).port));
  });

  beforeEach(async () => {
    await road.open();
    await road.close();
  });

  afterEach(async () => {
    await road.close();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** A provider behind the proxy, by default without the retries of codex-rs, which take time. */
  function behind(
    config: CodexOptionsRecord['config'] = {},
    provider: { stream_max_retries?: number; supports_websockets?: boolean } = {},
  ): CodexOptionsRecord {
    const own = {
      name: 'own',
      base_url: road.baseUrl,
      wire_api: 'responses',
      env_key: 'OWN_KEY',
      request_max_retries: 0,
      stream_max_retries: 0,
      supports_websockets: false,
      ...provider,
    };
    return {
      apiKey: undefined,
      baseUrl: undefined,
      env: { ...offline.environment, OWN_KEY: 'own-key-123456' },
      modelProvider: 'own',
      config: { model_providers: { own }, ...config },
    };
  }

  it('fails, and explains how to wait instead', async () => {
    await using codex = offline.client(behind({ features: { memories: false } }));
    const thread = codex.startThread();

    const error = await failure(thread.run('Hello?'));
    await road.open();

    expect(error).to.be.instanceOf(TurnFailedError);
    expect(error).to.include({
      reason: 'connection-failed',
      retryable: true,
      providerStatus: null,
    });
    expect(error)
      .to.have.property('message')
      .that.contains('{ features: { unbounded_connection_retries: true } }');
    expect((await thread.run('Hello?')).finalResponse).to.equal('Here');
  });

  it('waits for it and then continues, if the client allows that', async () => {
    await using codex = offline.client(
      behind({ features: { unbounded_connection_retries: true } }),
    );
    const turn = codex.startThread().runStreamed('Hello?');
    const notices: string[] = [];

    for await (const event of turn) {
      if (event.type !== 'turn.retrying') continue;
      notices.push(event.message);
      if (notices.length === 1) await road.open();
    }

    expect(notices[0]).to.contain('waiting for network');
    expect((await turn.result()).finalResponse).to.equal('Here');
  });

  describe('run without a reader', () => {
    afterEach(() => {
      sinon.restore();
    });

    it('warns once that codex-rs retries, and why', async () => {
      const warned = sinon.stub(process, 'emitWarning');
      await using codex = offline.client(
        behind({}, { stream_max_retries: 2, supports_websockets: true }),
      );

      const error = await failure(codex.startThread().run('Hello?'));

      expect(error).to.have.property('message').that.contains('Connection refused');
      sinon.assert.calledOnceWithMatch(warned, 'codex-rs retries: Reconnecting...', {
        type: 'CodexWarning',
        code: 'CODEX_TURN_RETRY',
      });
    });

    it('does not warn a subscriber of the channel', async () => {
      const warned = sinon.stub(process, 'emitWarning');
      const heard = sinon.stub();
      const stop = telemetry.turnRetry.subscribe(heard);
      await using codex = offline.client(behind({}, { stream_max_retries: 1 }));

      await failure(codex.startThread().run('Hello?'));
      stop();

      sinon.assert.calledOnce(heard);
      sinon.assert.notCalled(warned);
    });
  });
});
