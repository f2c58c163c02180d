import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { fixtures, recorded } from './fixture-folder.js';

interface Step {
  readonly do: string;
  readonly threadId?: string;
  readonly turn?: string;
  readonly turnId?: string;
  readonly result?: { readonly id?: string };
}

/** The id of the thread of a scenario. */
export function threadOf(scenario: string): string {
  const steps = recorded(scenario, 'result.json') as Step[];
  return steps.find(({ threadId }) => threadId !== undefined)!.threadId!;
}

/** The id of the turn with this name in a scenario. */
export function turnOf(scenario: string, name: string): string {
  const steps = recorded(scenario, 'result.json') as Step[];
  return steps.find(({ turn }) => turn === name)!.turnId!;
}

/** A copy of one fixture, to test the effect of a change. */
export class ChangedFixtures {
  readonly #home: TemporaryCodexHome;
  readonly #scenario: string;

  private constructor(home: TemporaryCodexHome, scenario: string) {
    this.#home = home;
    this.#scenario = scenario;
  }

  static async of(scenario: string): Promise<ChangedFixtures> {
    const home = await TemporaryCodexHome.create();
    await cp(join(fixtures, scenario), join(home.path, scenario), { recursive: true });
    return new ChangedFixtures(home, scenario);
  }

  get folder(): string {
    return this.#home.path;
  }

  /** Changes the metadata of the scenario's thread. */
  async change(change: (thread: ChangedThread) => void): Promise<void> {
    const file = join(this.folder, this.#scenario, 'metadata.json');
    const content = JSON.parse(await readFile(file, 'utf8')) as { main: ChangedThread };
    change(content.main);
    await writeFile(file, JSON.stringify(content));
  }

  /** Replaces the metadata by any text. */
  async overwrite(text: string): Promise<void> {
    await writeFile(join(this.folder, this.#scenario, 'metadata.json'), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home.remove();
  }
}

export interface ChangedThread {
  path: string | null;
  turns: { id: string; status: string; completedAt: number | null }[];
}
