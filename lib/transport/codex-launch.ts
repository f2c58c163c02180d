import { timers } from '../timers.js';
import type { Handshake } from './app-server-transport.js';
import type { CodexBinary } from './binary-locator.js';
import { CodexHome } from './codex-home.js';
import { argumentsOf, environmentOf, type LaunchPlan } from './launch-plan.js';
import { pause } from '../pause.js';
import { StaleProcesses } from './stale-processes.js';
import { wasLocked } from './start-failure.js';
import { StartGate } from './start-gate.js';
import { StdioProcess } from './stdio-process.js';
import type { Connection } from './connection.js';

const maxAttempts = 5;
const maxGateMs = 10_000;

/** Starts codex processes by a {@link LaunchPlan}: one at a time per CODEX_HOME. Retries if the database was locked. */
export class CodexLaunch {
  readonly #plan: LaunchPlan;
  readonly #binary: CodexBinary;

  constructor(plan: LaunchPlan, binary: CodexBinary) {
    this.#plan = plan;
    this.#binary = binary;
  }

  /**
   * Passes processes to `begin` until one starts successfully; `begin` ends the others. The total time is limited by
   * the plan's `startupTimeoutMs`.
   *
   * @throws `signal.reason`; the error of the last `begin`
   */
  async start<T>(begin: Handshake<T>, signal?: AbortSignal): Promise<T> {
    const deadline = timers.performance.now() + this.#plan.startupTimeoutMs;
    const stale = new StaleProcesses(this.#plan.stateDirectory);
    const home = new CodexHome(this.#plan);
    const gate = new StartGate(home.path);
    const preparation = this.#recipe(home, stale);
    // It is awaited behind the gate, which opens meanwhile.
    preparation.catch(() => undefined);
    for (let attempt = 1; ; attempt += 1) {
      const leave = await gate.enter(
        Math.min((deadline - timers.performance.now()) / 2, maxGateMs),
        signal,
      );
      try {
        const create = await preparation;
        return await begin(create(), Math.max(deadline - timers.performance.now(), 1));
      } catch (error) {
        if (attempt === maxAttempts || timers.performance.now() >= deadline || !wasLocked(error))
          throw error;
      } finally {
        // Not awaited: if it does not finish, the next host detects that this one has exited.
        void leave();
      }
      await pause(100 + Math.random() * 200, signal);
    }
  }

  /** Cleans up, and resolves with a function that creates a process. */
  async #recipe(home: CodexHome, stale: StaleProcesses): Promise<() => Connection> {
    const [workingDirectory] = await Promise.all([
      this.#plan.workingDirectory ?? home.stableDirectory(),
      stale.sweep(),
    ]);
    const { maxFrameBytes, redactor } = this.#plan;
    const environment = environmentOf(this.#plan);
    const { path: command, args } = this.#binary;
    return () =>
      new StdioProcess({
        command,
        args: [...args, ...argumentsOf(this.#plan)],
        environment,
        workingDirectory,
        maxFrameBytes,
        redactor,
        stale,
      });
  }
}
