import os from 'node:os';
import path from 'node:path';
import { TransportError } from '../errors.js';
import { timers } from '../timers.js';
import { BinaryLocator } from './binary-locator.js';
import { argumentsOf, environmentOf, type LaunchPlan } from './launch-plan.js';
import { pause } from './pause.js';
import { StaleProcesses } from './stale-processes.js';
import { standInOf, withoutStandIn } from './stand-ins.js';
import { StartGate } from './start-gate.js';
import { StdioProcess } from './stdio-process.js';
import type { Transport } from './transport.js';

const maxAttempts = 5;
const maxGateMs = 10_000;

/** Starts codex processes by a {@link LaunchPlan}: one at a time on a CODEX_HOME, and again when its database was locked. */
export class CodexLaunch {
  readonly #plan: LaunchPlan;

  constructor(plan: LaunchPlan) {
    this.#plan = plan;
  }

  /**
   * Hands processes to `begin` until one gets through its start; `begin` ends those that do not. All of it together takes
   * no longer than the plan's `startupTimeoutMs`.
   *
   * @throws {@link CodexNotFoundError}; `signal.reason`; whatever the last `begin` rejected with
   */
  async start<T>(
    begin: (process: Transport, timeoutMs: number) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const standIn = standInOf(this.#plan);
    if (standIn?.kind === 'in-memory')
      return begin(standIn.link(this.#plan), this.#plan.startupTimeoutMs);
    const deadline = timers.performance.now() + this.#plan.startupTimeoutMs;
    const environment = environmentOf(this.#plan);
    const stale = new StaleProcesses(this.#plan.stateDirectory);
    const create = this.#recipe(environment, stale);
    await stale.sweep();
    const gate = new StartGate(homeOf(environment));
    for (let attempt = 1; ; attempt += 1) {
      const leave = await gate.enter(
        Math.min((deadline - timers.performance.now()) / 2, maxGateMs),
        signal,
      );
      try {
        return await begin(create(), Math.max(deadline - timers.performance.now(), 1));
      } catch (error) {
        if (attempt === maxAttempts || timers.performance.now() >= deadline || !wasLocked(error))
          throw error;
      } finally {
        // Nobody here waits for it: should it not come to it, the next one sees that this host is gone.
        void leave();
      }
      await pause(100 + Math.random() * 200, signal);
    }
  }

  #recipe(environment: Readonly<Record<string, string>>, stale: StaleProcesses): () => Transport {
    const { workingDirectory, maxFrameBytes, redactor } = this.#plan;
    const standIn = standInOf(this.#plan);
    const listener = standIn?.kind === 'eavesdropper' ? standIn : null;
    const codexPath = listener === null ? this.#plan.codexPath : listener.codexPath;
    // The binary belongs to the host: a child with an empty environment still has one.
    const binary = new BinaryLocator({
      codexPath,
      environment: withoutStandIn({ ...process.env, ...environment }),
    }).locate();
    return () => {
      const started = new StdioProcess({
        command: binary.path,
        args: [...binary.args, ...argumentsOf(this.#plan)],
        environment,
        workingDirectory,
        maxFrameBytes,
        redactor,
        stale,
      });
      return listener?.listen(started, this.#plan) ?? started;
    };
  }
}

/** codex-rs gives up its start with exit code 1 when another process holds a database for some 15 s. */
function wasLocked(error: unknown): boolean {
  return (
    error instanceof TransportError &&
    error.code === 'process-exited' &&
    error.stderrTail.includes('database is locked')
  );
}

function homeOf(environment: Readonly<Record<string, string>>): string {
  const { CODEX_HOME: home, HOME: userHome } = environment;
  if (home !== undefined && home !== '') return home;
  return path.join(userHome ?? os.homedir(), '.codex');
}
