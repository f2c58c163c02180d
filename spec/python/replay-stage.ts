import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Codex } from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { fixtures } from './fixture-folder.js';
import type { Stage } from './scenario-player.js';
import { scriptedProvider } from './scripted-provider.js';
import { requestsIn, type SentRequest } from './wire-requests.js';

/** The recorded server side of one scenario, played back to our client. */
export class ReplayStage implements Stage {
  readonly project = '/home/user/project';
  readonly mayLeaveOut = true;
  readonly #scenario: string;
  readonly #home: TemporaryCodexHome;

  private constructor(scenario: string, home: TemporaryCodexHome) {
    this.#scenario = scenario;
    this.#home = home;
  }

  static async of(scenario: string): Promise<ReplayStage> {
    const stage = new ReplayStage(scenario, await TemporaryCodexHome.create());
    writeFileSync(stage.#log, '');
    return stage;
  }

  /** What our clients sent so far. */
  get requests(): SentRequest[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').filter(Boolean);
    return requestsIn(lines.map((line) => JSON.parse(line) as unknown));
  }

  client(name: string): Codex {
    return new Codex({
      ...scriptedProvider('http://127.0.0.1:4000/v1', {
        REPLAY_TRANSCRIPT: join(fixtures, this.#scenario, 'transcript.jsonl'),
        REPLAY_PROCESS: name,
        REPLAY_LOG: this.#log,
      }),
      codexPath: resolve('fixtures/programs/replay-transcript.mjs'),
      codexHome: this.#home.path,
    });
  }

  // The transcript goes on by itself, also into the kill that ended the process.
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
