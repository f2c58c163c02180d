// Snippets of the guide on proxies, certificates and gateways.
import { resolve } from 'node:path';
import { Codex } from '../../lib/index.js';
import type { Stage } from './stage.js';

export async function proxy(): Promise<void> {
  const ca = resolve('fixtures/signs-nothing.pem');
  // #region proxy
  await using codex = new Codex({
    environment: {
      set: {
        HTTPS_PROXY: 'http://proxy.corp.example:3128',
        NO_PROXY: 'corp.example',
        CODEX_CA_CERTIFICATE: ca,
      },
    },
    config: { features: { plugins: false } },
  });
  const { finalResponse } = await codex.startThread().run('Why is the build red?');
  console.log(finalResponse); // A test fails.
  // #endregion
}

export async function gateway({ model }: Stage): Promise<void> {
  const { baseUrl } = model;
  process.env.GATEWAY_KEY = 'gateway-key-123456';
  // #region gateway
  await using codex = new Codex({
    modelProvider: 'gateway',
    config: {
      model_providers: {
        gateway: {
          name: 'Gateway',
          base_url: baseUrl,
          wire_api: 'responses',
          env_key: 'GATEWAY_KEY',
          http_headers: { 'x-team': 'red' },
          query_params: { 'api-version': 'preview' },
        },
      },
    },
  });
  const { finalResponse } = await codex.startThread().run('Why is the build red?');
  console.log(finalResponse); // A test fails.
  // #endregion
  delete process.env.GATEWAY_KEY;
}
