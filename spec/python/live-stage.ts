import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BinaryLocator } from '../../lib/transport/binary-locator.js';
import { Codex } from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { ScenarioModel } from './scenario-model.js';
import type { Scenario, Stage } from './scenario-player.js';
import { scriptedProvider } from './scripted-provider.js';
import { requestsIn, type SentRequest } from './wire-requests.js';

/** The real codex-rs behind the harvester's tee, with the scripted model of one scenario. */
export class LiveStage implements Stage {
  readonly #home: TemporaryCodexHome;
  readonly #model: ScenarioModel;

  private constructor(home: TemporaryCodexHome, model: ScenarioModel) {
    this.#home = home;
    this.#model = model;
  }

  static async of(scenario: Scenario): Promise<LiveStage> {
    const home = await TemporaryCodexHome.create();
    for (const folder of ['home', 'project', 'pids']) await mkdir(join(home.path, folder));
    for (const [name, content] of Object.entries(scenario.files ?? {}))
      await writeFile(join(home.path, 'project', name), Buffer.from(content, 'base64'));
    return new LiveStage(home, await ScenarioModel.start(scenario.model));
  }

  get project(): string {
    return join(this.#home.path, 'project');
  }

  /** The requests to the model that differ from the script. */
  get surprises(): string[] {
    return this.#model.surprises;
  }

  /** The messages of our clients so far, with the scenario's name for its directory. */
  async requests(): Promise<SentRequest[]> {
    const log = (await readFile(this.#log, 'utf8')).replaceAll(this.project, '/home/user/project');
    const lines = log.split('\n').filter(Boolean);
    return requestsIn(lines.map((line) => JSON.parse(line) as unknown));
  }

  client(name: string): Codex {
    return new Codex({
      ...scriptedProvider(this.#model.model.baseUrl, {
        WIRE_TEE_TARGET: new BinaryLocator({ environment: {} }).locate().path,
        WIRE_TEE_LOG: this.#log,
        WIRE_TEE_PROCESS: name,
        WIRE_TEE_PIDS: join(this.#home.path, 'pids'),
        WIRE_TEE_HOME: this.#home.path,
      }),
      codexPath: resolve('fixtures/python/harvester/wire_tee.py'),
      codexHome: join(this.#home.path, 'home'),
    });
  }

  async awaitGate(name: string): Promise<void> {
    await this.#model.gate(name).reached;
  }

  openGate(name: string): void {
    this.#model.gate(name).open();
  }

  async kill(name: string): Promise<void> {
    process.kill(Number(await readFile(join(this.#home.path, 'pids', name), 'utf8')), 'SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model.close();
    await this.#home.remove();
  }

  get #log(): string {
    return join(this.#home.path, 'wire.jsonl');
  }
}
