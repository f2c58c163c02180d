import type { AuthenticatedLaunchProps } from './account/authenticated-launch.js';
import { childEnvironment, preparedEnvironment } from './app-server/child-environment.js';
import type { LaunchPlan } from './app-server/launch-plan.js';
import { configOverrides } from './app-server/toml-overrides.js';
import { ValidationError } from './errors.js';
import { Redactor, Secret } from './redaction.js';
import type { CodexOptions } from './thread/codex-options.js';
import { settingAt } from './thread/config-record.js';
import { version } from './version.js';

/** How the options of a client become a process and a login. */
export function launchPlan(
  options: CodexOptions,
  hostEnvironment: Readonly<Record<string, string | undefined>>,
): AuthenticatedLaunchProps {
  refuseUnbuilt(options);
  const source = options.env ?? preparedEnvironment(hostEnvironment, options.environment ?? {});
  const keyName = providerKeyName(options);
  // A provider with a key variable of its own logs in by itself.
  const credentials = keyName === null ? keysFrom(options, source) : {};
  const plan: LaunchPlan = {
    environment: childEnvironment(source, keyName === null ? [] : [keyName]),
    configOverrides: [
      'thread_unload_delay_secs=0',
      // Else a turn without network waits for ever; the user's own configuration comes later and wins.
      'features.unbounded_connection_retries=false',
      ...overridesOf(options),
      ...(options.configOverrides ?? []),
    ],
    clientInfo: {
      name: options.clientInfo?.name ?? 'codex-threads',
      title: options.clientInfo?.title ?? null,
      version: options.clientInfo?.version ?? version,
    },
    experimentalApi: options.experimentalApi,
    startupTimeoutMs: options.startupTimeoutMs,
    maxFrameBytes: options.maxFrameBytes,
    redactor: new Redactor(
      [options.apiKey, options.continuationSecret, ...Object.values(credentials)].filter(
        (secret) => secret !== undefined,
      ),
    ),
    ...(options.codexPath === undefined ? {} : { codexPath: options.codexPath }),
    ...(options.codexHome === undefined ? {} : { codexHome: options.codexHome }),
  };
  return { plan, ...credentials };
}

/** Better refused than ignored. */
function refuseUnbuilt({ isolation }: CodexOptions): void {
  if (isolation === 'private')
    throw new ValidationError('Codex options', [
      { path: 'isolation', reason: '"private" is not built yet: give a codexHome of its own' },
    ]);
}

function overridesOf(options: CodexOptions): string[] {
  return configOverrides({
    ...options.config,
    ...(options.modelProvider === undefined ? {} : { model_provider: options.modelProvider }),
    ...(options.baseUrl === undefined ? {} : { openai_base_url: options.baseUrl }),
  });
}

/** The variable from which the configured provider takes its key, or null when it has none of its own. */
function providerKeyName({ config, modelProvider }: CodexOptions): string | null {
  const id = modelProvider ?? config?.model_provider;
  if (config === undefined || typeof id !== 'string') return null;
  const name = settingAt(config, `model_providers.${id}.env_key`);
  return typeof name === 'string' ? name : null;
}

function keysFrom(
  options: CodexOptions,
  source: Readonly<Record<string, string | undefined>>,
): Pick<AuthenticatedLaunchProps, 'apiKey' | 'fallbackApiKey'> {
  const named = source.CODEX_API_KEY;
  const general = source.OPENAI_API_KEY;
  const apiKey =
    options.apiKey ?? (named === undefined || named === '' ? undefined : new Secret(named));
  if (apiKey !== undefined) return { apiKey };
  if (general === undefined || general === '') return {};
  return options.auth === 'apiKey'
    ? { apiKey: new Secret(general) }
    : { fallbackApiKey: new Secret(general) };
}
