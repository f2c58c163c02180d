import type { CodexOptionsRecord } from '../../lib/index.js';

/** The client options that make codex-rs use the scripted model, as the harvester does. */
export function scriptedProvider(
  baseUrl: string,
  variables: Readonly<Record<string, string>>,
): CodexOptionsRecord {
  return {
    env: { ...process.env, ...variables, CODEX_API_KEY: 'harvest-key' },
    config: {
      model: 'gpt-5.5',
      model_provider: 'scripted',
      model_providers: {
        scripted: {
          name: 'Scripted',
          base_url: baseUrl,
          wire_api: 'responses',
          env_key: 'CODEX_API_KEY',
          request_max_retries: 0,
          stream_max_retries: 0,
          supports_websockets: false,
        },
      },
    },
  };
}
