import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

/** The exit code and the output of the program. */
export interface CliOutcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The program `codex-threads` as a process, over pipes. */
export class CliProgram {
  readonly child: ChildProcess;
  #output = '';
  #errors = '';
  readonly #outcome: Promise<CliOutcome>;
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [resolve('.build/lib/cli/bin.js'), ...args], { env });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#notify();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#notify();
    });
    this.#outcome = new Promise((done, failed) => {
      this.child.once('error', failed);
      this.child.once('close', (exitCode) => {
        done({ exitCode, output: this.#output, errors: this.#errors });
      });
    });
  }

  static async run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<CliOutcome> {
    return new CliProgram(args, env).outcome();
  }

  async outcome(): Promise<CliOutcome> {
    return this.#outcome;
  }

  /** Waits until the program has written this text to either stream. */
  async wrote(text: string): Promise<void> {
    while (!(this.#output + this.#errors).includes(text))
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }

  #notify(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}
