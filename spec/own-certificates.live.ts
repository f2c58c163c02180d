import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createServer, type Server } from 'node:tls';
import type { TurnFailedError } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { CertificateAuthority } from './certificate-authority.js';
import { HttpProxy } from './http-proxy.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

const host = 'models.corp.example';

describe('A provider whose certificate comes from a private authority', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let front: Server;
  let proxy: HttpProxy;
  let authority: CertificateAuthority;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    authority = new CertificateAuthority(offline.home.path);
    const { certificate: cert, key } = authority.issue(host);
    const { port } = new URL(offline.model.baseUrl);
    front = createServer({ cert, key }, (near) => {
      const far = connect(Number(port), '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const end of [near, far])
        end.on('error', () => undefined).on('close', () => near.destroy());
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    proxy = await HttpProxy.to((front.address() as AddressInfo).port);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    front.close();
    await noProcessLeft();
  });

  /** The answer of a turn with these variables, or the reason of its failure. */
  async function outcomeWith(variables: Readonly<Record<string, string>>): Promise<unknown> {
    const own = {
      name: 'own',
      base_url: `https://${host}/v1`,
      wire_api: 'responses',
      request_max_retries: 0,
      stream_max_retries: 0,
    };
    await using codex = offline.client({
      env: { ...offline.environment, HTTPS_PROXY: proxy.url, ...variables },
      baseUrl: undefined,
      modelProvider: 'own',
      config: { model_providers: { own } },
    });
    const [turn] = await Promise.allSettled([codex.startThread().run('Hi')]);
    if (turn.status === 'fulfilled') return turn.value.finalResponse;
    return (turn.reason as TurnFailedError).reason;
  }

  it('is not reached by default', async () => {
    expect(await outcomeWith({})).to.equal('connection-failed');
  });

  it('is reached with SSL_CERT_FILE', async () => {
    expect(await outcomeWith({ SSL_CERT_FILE: authority.file })).to.equal('Yes');
  });

  it('is reached with CODEX_CA_CERTIFICATE, in addition to other authorities', async () => {
    const others = resolve('fixtures/signs-nothing.pem');
    const [added, kept] = [
      { SSL_CERT_FILE: others, CODEX_CA_CERTIFICATE: authority.file },
      { SSL_CERT_FILE: authority.file, CODEX_CA_CERTIFICATE: others },
    ];

    expect(await outcomeWith(added)).to.equal('Yes');
    expect(await outcomeWith(kept)).to.equal('Yes');
  });

  it('is not reached with NODE_EXTRA_CA_CERTS', async () => {
    const outcome = await outcomeWith({ NODE_EXTRA_CA_CERTS: authority.file });

    expect(outcome).to.equal('connection-failed');
  });
});
