import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Codex } from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { fixtures } from './fixture-folder.js';
import type { Scenario, Stage } from './scenario-player.js';
import { scriptedProvider } from './scripted-provider.js';
import { requestsIn, type SentRequest } from './wire-requests.js';

/** The recorded server side of one scenario, replayed to our client. */
export class ReplayStage implements Stage {
  readonly #scenario: string;
  readonly #home: TemporaryCodexHome;

  private constructor(scenario: string, home: TemporaryCodexHome) {
    this.#scenario = scenario;
    this.#home = home;
  }

  static async of({ name, files = {} }: Scenario): Promise<ReplayStage> {
    const stage = new ReplayStage(name, await TemporaryCodexHome.create());
    writeFileSync(stage.#log, '');
    mkdirSync(stage.project);
    for (const [file, content] of Object.entries(files))
      writeFileSync(join(stage.project, file), Buffer.from(content, 'base64'));
    return stage;
  }

  /** A real directory: our client rejects files and working directories that do not exist. */
  get project(): string {
    return join(this.#home.path, 'project');
  }

  /** The messages of our clients so far, with the scenario's name for its directory. */
  get requests(): SentRequest[] {
    const log = readFileSync(this.#log, 'utf8').replaceAll(this.project, '/home/user/project');
    const lines = log.split('\n').filter(Boolean);
    return requestsIn(lines.map((line) => JSON.parse(line) as unknown));
  }

  client(name: string): Codex {
    return new Codex({
      ...scriptedProvider('http://127.0.0.1:4000/v1', {
        REPLAY_TRANSCRIPT: join(fixtures, this.#scenario, 'transcript.jsonl'),
        REPLAY_PROCESS: name,
        REPLAY_PROJECT: this.project,
        REPLAY_LOG: this.#log,
      }),
      codexPath: resolve('fixtures/programs/replay-transcript.mjs'),
      codexHome: this.#home.path,
    });
  }

  // The transcript continues by itself, including the kill that ended the process.
  async awaitGate(): Promise<void> {
    return Promise.resolve();
  }

  openGate(): void {
    return undefined;
  }

  async kill(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home.remove();
  }

  get #log(): string {
    return join(this.#home.path, 'sent.jsonl');
  }
}
