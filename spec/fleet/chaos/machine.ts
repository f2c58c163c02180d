import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UnreliableLine } from '../../remote/unreliable-line.js';
import type { ChaosEngine } from './chaos-engine.js';
import { WorkerProcess, type TurnNote } from './worker-process.js';

/** Properties common to all machines. @inline */
export interface MachineProps {
  readonly number: number;
  readonly engine: ChaosEngine;
  /** The directory for homes. */
  readonly directory: string;
  /** The shared home, or null if each machine has its own. */
  readonly sharedHome: string | null;
  /** Lines to servers other than the engine's, by the variable with their address. */
  readonly environment: Readonly<Record<string, string>>;
  readonly keyOf: (worker: string) => string;
}

/** A worker that exited by itself. */
export interface Crash {
  readonly at: number;
  /** Its last output. */
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
  /** Workers that exited by themselves; each was replaced, as by a supervisor. */
  readonly crashes: Crash[] = [];
  /** Whether a disturbance currently affects it. */
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

  /** Starts another worker in place of one that has exited; with a new home if the old one is lost. */
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

  /** The reports of its workers about turns, in order. */
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

/** Creates a home in which commands may write only to the working directory. */
export async function writeHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const settings = ['sandbox_mode = "workspace-write"', 'approval_policy = "never"', ''];
  await writeFile(join(home, 'config.toml'), settings.join('\n'));
}
