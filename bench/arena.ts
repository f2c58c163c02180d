import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContenderName } from './contender.js';
import { WorkerProcess } from './worker-process.js';

/**
 * The shared environment of the contenders: one model, one binary, one empty home directory; each worker has its own
 * CODEX_HOME.
 */
export class Arena {
  readonly #directory: string;
  readonly #model: ChildProcess;
  readonly #port: number;
  readonly #codexPath: string;
  readonly #living = new Set<WorkerProcess>();
  #workers = 0;

  private constructor(props: ArenaProps) {
    this.#directory = props.directory;
    this.#model = props.model;
    this.#port = props.port;
    this.#codexPath = props.codexPath;
  }

  /** Starts the model, and creates a CODEX_HOME with one earlier run: codex-rs sets up an empty one only once. */
  static async open(codexPath: string): Promise<Arena> {
    const directory = await mkdtemp(join(homedir(), '.codex-threads-bench-'));
    for (const name of ['home', 'work', 'codex']) await mkdir(join(directory, name));
    const model = fork(fileURLToPath(new URL('./model.js', import.meta.url)));
    const [port] = (await once(model, 'message')) as [number];
    const arena = new Arena({ directory, model, port, codexPath });
    const worker = arena.#worker('raw', 'answer', arena.#home);
    await worker.ask('cold', {});
    await worker.close();
    return arena;
  }

  /**
   * A new process of a contender, with a copy of the prepared CODEX_HOME with this number of threads; the script determines
   * the answers of the model.
   */
  async worker(
    contender: ContenderName,
    script = 'answer',
    { threads = 1 } = {},
  ): Promise<WorkerProcess> {
    this.#workers += 1;
    const codexHome = `${this.#home}-${this.#workers}`;
    await cp(this.#home, codexHome, { recursive: true });
    if (threads > 1) await multiplyThreads(codexHome, threads);
    const worker = this.#worker(contender, script, codexHome, async () => {
      this.#living.delete(worker);
      await remove(codexHome);
    });
    this.#living.add(worker);
    return worker;
  }

  /** Ends the model and the open workers, and removes all files. */
  async close(): Promise<void> {
    for (const worker of this.#living) await worker.end();
    this.#model.disconnect();
    await remove(this.#directory);
  }

  get #home(): string {
    return join(this.#directory, 'codex');
  }

  #worker(
    contender: ContenderName,
    script: string,
    codexHome: string,
    forget = async (): Promise<void> => Promise.resolve(),
  ): WorkerProcess {
    // Without the user's environment: a shell that reads a long profile would cost seconds.
    const environment = {
      PATH: process.env.PATH ?? '',
      HOME: join(this.#directory, 'home'),
      BENCH_API_KEY: 'any',
    };
    const place = {
      codexPath: this.#codexPath,
      codexHome,
      workingDirectory: join(this.#directory, 'work'),
      baseUrl: `http://127.0.0.1:${this.#port}/${script}/v1`,
      environment,
    };
    return new WorkerProcess({ contender, place }, environment, forget);
  }
}

/** Copies the one rollout of a home until it has this number, and makes codex-rs index them at its next start. */
async function multiplyThreads(codexHome: string, count: number): Promise<void> {
  const files = await readdir(codexHome, { recursive: true });
  const rollout = files.find((file) => basename(file).startsWith('rollout-'));
  const [, id] = /-([0-9a-f-]{36})\.jsonl$/.exec(rollout ?? '') ?? [];
  if (rollout === undefined || id === undefined) throw new Error('The home has no rollout.');
  const text = await readFile(join(codexHome, rollout), 'utf8');
  for (let copy = 1; copy < count; copy += 1) {
    const another = `${id.slice(0, -12)}${copy.toString(16).padStart(12, '0')}`;
    const file = join(codexHome, rollout.replace(id, another));
    await writeFile(file, text.replaceAll(id, another));
  }
  for (const file of files.filter((name) => /^state_.*\.sqlite/.test(name)))
    await rm(join(codexHome, file));
}

interface ArenaProps {
  readonly directory: string;
  readonly model: ChildProcess;
  readonly port: number;
  readonly codexPath: string;
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}
