import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** The report of a worker about a turn that it did not finish. */
export interface TurnNote {
  readonly worker: string;
  readonly turn: string;
  readonly at: number;
  readonly text: string;
}

/** One worker of the fleet as a process, with its child processes. */
export class WorkerProcess {
  readonly name: string;
  /** Distinguishes its processes from those of a worker with the same name in another run. */
  readonly #mark = `CHAOS_WORKER=${randomUUID()}`;
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  /** The turns it has abandoned, and those it has postponed. */
  readonly notes: TurnNote[] = [];
  #said = '';
  #isEnded = false;

  constructor(name: string, program: string, env: Readonly<Record<string, string>>) {
    this.name = name;
    const [variable = '', mark = ''] = this.#mark.split('=');
    this.#process = spawn(process.execPath, ['--enable-source-maps', program], {
      env: { ...process.env, ...env, FLEET_WORKER: name, [variable]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        this.#said = `${this.#said}${text}`.slice(-4000);
        for (const [line, turn = ''] of text.matchAll(/^(\S+) (?:abandoned|postponed): .*$/gm))
          this.notes.push({ worker: name, turn, at: Date.now(), text: line });
      });
    this.#exit = once(this.#process, 'exit');
  }

  /** Its last output. */
  get said(): string {
    return this.#said;
  }

  /** Resolves with the first matching output. */
  async printed(like: RegExp): Promise<string> {
    for (;;) {
      const [text] = like.exec(this.#said) ?? [];
      if (text !== undefined) return text;
      await Promise.race([once(this.#process.stdout ?? this.#process, 'data'), this.#exit]);
      if (!this.isRunning) throw new Error(`It has ended: ${this.#said}`);
    }
  }

  /** Resolves when it has exited by itself. */
  async ownEnd(): Promise<void> {
    await this.#exit;
    if (this.#isEnded) await new Promise(() => undefined);
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Kills it like a kernel that is out of memory; with `everything`, like a crash of its machine. */
  async kill(what: 'worker' | 'everything'): Promise<void> {
    this.#isEnded = true;
    const pids = what === 'everything' ? this.#pids() : [];
    this.#process.kill('SIGKILL');
    for (const pid of pids) signal(pid, 'SIGKILL');
    await this.#exit;
  }

  /** Stops all of its processes. */
  pause(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGCONT');
  }

  /** Requests its exit, and returns its exit code; null if it had to be killed after the time limit. */
  async end(): Promise<number | null> {
    this.#isEnded = true;
    this.#process.kill('SIGTERM');
    const tooLong = setTimeout(() => this.#process.kill('SIGKILL'), 30_000);
    await this.#exit;
    clearTimeout(tooLong);
    return this.#process.exitCode;
  }

  #pids(): readonly number[] {
    return processesWith(this.#mark).map(({ pid }) => pid);
  }
}

/** The running processes with a variable in their environment. */
export function processesWith(
  variable: string,
): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      try {
        const variables = readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0');
        if (!variables.includes(variable)) return [];
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // A zombie process has no command line.
        return command === '' ? [] : [{ pid: Number(entry), command }];
      } catch {
        return [];
      }
    });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has exited meanwhile.
  }
}
