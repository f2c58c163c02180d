import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Codex, StdioTransport, type AppServerTransport } from '../lib/index.js';
import { CodexOptions, type CodexOptionsRecord } from '../lib/options/codex-options.js';
import { launchPlan } from '../lib/launch.js';
import { ScriptedModel, TemporaryCodexHome } from '../lib/testing/index.js';
import { testedCodexVersion } from '../lib/version.js';
import { ListeningServer, specTransport } from './listening-server.js';
import { fillHome } from './prepared-home.js';
import { TransportOnDemand } from './transport-on-demand.js';

/** Options that an external server gets at its start, and that a client cannot change. */
type OptionsOfServer = Pick<
  CodexOptionsRecord,
  'apiKey' | 'baseUrl' | 'codexHome' | 'config' | 'configOverrides' | 'env' | 'modelProvider'
>;

/** Otherwise each process searches GitHub for plugins, with a git that can outlive it, and each thread starts a login shell. */
const withoutExtraProcesses = '[features]\nplugins = false\nshell_snapshot = false\n';

/** The real codex-rs for one spec: a scripted model, a separate home, and any number of clients. */
export class OfflineCodex {
  readonly model: ScriptedModel;
  readonly home: TemporaryCodexHome;
  readonly #clients: Codex[] = [];
  readonly #servers = new Map<string, Promise<ListeningServer>>();

  private constructor(model: ScriptedModel, home: TemporaryCodexHome) {
    this.model = model;
    this.home = home;
  }

  static async start(): Promise<OfflineCodex> {
    const home = await TemporaryCodexHome.create();
    await fillHome(home.path);
    await home.write('config.toml', withoutExtraProcesses);
    return new OfflineCodex(await ScriptedModel.start(), home);
  }

  /** The options of every client. */
  get options(): Required<Pick<CodexOptionsRecord, 'apiKey' | 'baseUrl' | 'codexHome' | 'env'>> {
    return {
      apiKey: 'spec-key-1234567890',
      baseUrl: this.model.baseUrl,
      codexHome: this.home.path,
      env: this.environment,
    };
  }

  /** The host's environment, without variables that make the developer's shell run start files. */
  get environment(): Record<string, string> {
    return { ...(process.env as Record<string, string>), HOME: this.home.path };
  }

  /**
   * Creates another client. It starts its own codex-rs when it is used, unless its transport, or by default
   * `CODEX_THREADS_SPEC_TRANSPORT`, is for a server: then it connects to one that was started with its options.
   */
  client(options: CodexOptionsRecord = {}): Codex {
    const { apiKey, baseUrl, codexHome, config, configOverrides, env, modelProvider, ...rest } = {
      ...this.options,
      ...options,
    };
    const told = { apiKey, baseUrl, codexHome, config, configOverrides, env, modelProvider };
    const transport = options.transport ?? this.transport(told);
    const codex = new Codex(
      transport.ownership === 'own' ? { ...rest, ...told, transport } : { ...rest, transport },
    );
    this.#clients.push(codex);
    return codex;
  }

  /** The default transport of clients: their own process. */
  transport(told: OptionsOfServer = {}, way = specTransport): AppServerTransport {
    if (way === 'stdio') return new StdioTransport();
    return new TransportOnDemand(async () =>
      (await this.#server({ ...this.options, ...told }, way)).transport(),
    );
  }

  /** One server for all clients with the same server options. */
  async #server(told: OptionsOfServer, way: string): Promise<ListeningServer> {
    const { plan, apiKey } = launchPlan(CodexOptions.from(told), {});
    const { codexHome: home = '', environment, configOverrides: settings } = plan;
    const login = join(home, 'auth.json');
    if (apiKey !== undefined && !existsSync(login))
      writeFileSync(login, JSON.stringify({ OPENAI_API_KEY: apiKey.reveal() }));
    const place = { home, environment, settings };
    const key = JSON.stringify([way, place]);
    const server = this.#servers.get(key) ?? ListeningServer.start(way, place);
    this.#servers.set(key, server);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (codex) => codex.close()));
    const servers = await Promise.allSettled(this.#servers.values());
    for (const server of servers) if (server.status === 'fulfilled') await server.value.kill();
    await this.model.close();
    await this.home.remove();
  }
}

/** The version of codex-rs used by the specs. */
export function codexVersion(): string {
  const { CODEX_PATH: other } = process.env;
  if (other === undefined) return testedCodexVersion;
  return execFileSync(other, ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1) ?? '';
}
