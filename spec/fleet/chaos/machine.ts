import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UnreliableLine } from '../../remote/unreliable-line.js';
import type { ChaosEngine } from './chaos-engine.js';
import { WorkerProcess, type TurnNote } from './worker-process.js';

/** What all machines have in common. @inline */
export interface MachineProps {
  readonly number: number;
  readonly engine: ChaosEngine;
  /** Where homes are made. */
  readonly directory: string;
  /** The home of all, or null if each machine has its own. */
  readonly sharedHome: string | null;
  /** Lines to other servers than the engine's, by the variable that tells of them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly keyOf: (worker: string) => string;
}

/** A worker that ended by itself. */
export interface Crash {
  readonly at: number;
  /** The last that it printed. */
  readonly said: string;
}

/** A machine with one worker, and its line to the engine. */
export class Machine {
  readonly #props: MachineProps;
  readonly #line: UnreliableLine;
  #worker: WorkerProcess;
  readonly #all: WorkerProcess[] = [];
  #workers = 0;
  #homes = 0;
  /** Workers that ended by themselves; another one was started in place of each, as by any supervisor. */
  readonly crashes: Crash[] = [];
  /** Whether something happens to it at this moment. */
  isDisturbed = false;

  private constructor(props: MachineProps, line: UnreliableLine, worker: WorkerProcess) {
    this.#props = props;
    this.#line = line;
    this.#worker = worker;
    void this.#watch();
  }

  static async start(props: MachineProps): Promise<Machine> {
    const line = await UnreliableLine.to(props.engine.port);
    return new Machine(props, line, await started(props, line, { home: 0, worker: 0 }));
  }

  get worker(): WorkerProcess {
    return this.#worker;
  }

  get line(): UnreliableLine {
    return this.#line;
  }

  /** Starts another worker in place of one that has ended; with a home of its own if the old one is lost. */
  async startAnother({ losesHome }: { readonly losesHome: boolean }): Promise<void> {
    const { number, directory } = this.#props;
    if (losesHome) {
      await rm(join(directory, homeName(number, this.#homes)), { recursive: true, force: true });
      this.#homes += 1;
    }
    this.#workers += 1;
    const counts = { home: this.#homes, worker: this.#workers };
    this.#worker = await started(this.#props, this.#line, counts);
    void this.#watch();
  }

  async close(): Promise<number | null> {
    const code = await this.#worker.end();
    await this.#line.close();
    return code;
  }

  /** What its workers have said of turns, one after the other. */
  get notes(): readonly TurnNote[] {
    return this.#all.flatMap(({ notes }) => notes);
  }

  async #watch(): Promise<void> {
    const worker = this.#worker;
    this.#all.push(worker);
    await worker.ownEnd();
    this.crashes.push({ at: Date.now(), said: `${worker.name}: ${worker.said}` });
    await this.startAnother({ losesHome: false });
  }
}

async function started(
  props: MachineProps,
  line: UnreliableLine,
  counts: { readonly home: number; readonly worker: number },
): Promise<WorkerProcess> {
  const { engine, number, directory, sharedHome } = props;
  const own = join(directory, homeName(number, counts.home));
  await mkdir(own, { recursive: true });
  const name = `worker-${number}.${counts.worker}`;
  if (sharedHome === null) await writeHome(own);
  return new WorkerProcess(name, resolve(engine.program), {
    ...props.environment,
    ...engine.environment(line),
    HOME: own,
    CODEX_HOME: sharedHome ?? own,
    ...(sharedHome === null ? {} : { CODEX_SQLITE_HOME: own }),
    FLEET_HOME: sharedHome === null ? 'own' : 'shared',
    CODEX_API_KEY: props.keyOf(name),
  });
}

function homeName(machine: number, count: number): string {
  return `home-${machine}-${count}`;
}

/** Makes a home in which commands may write to the working directory alone. */
export async function writeHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const settings = ['sandbox_mode = "workspace-write"', 'approval_policy = "never"', ''];
  await writeFile(join(home, 'config.toml'), settings.join('\n'));
}
