import { Logger } from '@nestjs/common';
import type { Codex } from '../codex.js';
import type { DoctorProblem, DoctorReport } from '../doctor-report.js';
import { timers } from '../timers.js';

/** The checks of the doctor whose failure prevents turns. */
const decisive: readonly DoctorProblem['check'][] = [
  'binary',
  'home',
  'start',
  'account',
  'configuration',
];

/** Options of a {@link CodexHealthIndicator}. */
export interface CodexHealthOptions {
  /** The maximum age of a report, in milliseconds; 0 always runs the doctor. @defaultValue 30000 */
  readonly maxAgeMs?: number;
  /**
   * The checks whose problems make the client `down`. Other problems are only reported.
   * @defaultValue `['binary', 'home', 'start', 'account', 'configuration']`
   */
  readonly downFor?: readonly DoctorProblem['check'][];
}

/** The health of a client in the format of Terminus 11 and 12: under the key, a status and its details. */
export type CodexHealth = Record<
  string,
  {
    /** Whether turns can run. */
    readonly status: 'up' | 'down';
    /** The version of codex-rs, or null if it is unknown. */
    readonly version: string | null;
    /** The response time of codex-rs in milliseconds, or null if it did not respond. */
    readonly roundTripMs: number | null;
    /** The failed checks. The log contains advice for each of them. */
    readonly problems: readonly DoctorProblem['check'][];
  }
>;

/**
 * Reports whether turns can run, from `codex.doctor()`. It does not import Terminus: {@link CodexHealthIndicator.check}
 * returns the result format of a Terminus indicator, which is also useful without Terminus.
 *
 * The doctor opens an ephemeral thread and runs a command in the sandbox. Therefore a report is reused for 30 seconds,
 * and concurrent checks share one examination. Health pages are often public, so the result names the failed checks,
 * and a Nest `Logger` gets the texts, which may name paths.
 *
 * @example
 * ```ts
 * const indicator = new CodexHealthIndicator(codex);
 * const { codex: health } = await indicator.check('codex');
 * console.log(health?.status, health?.problems.includes('start')); // up false
 * ```
 */
export class CodexHealthIndicator {
  readonly #codex: Codex;
  readonly #logger = new Logger('CodexHealthIndicator');
  #last: { readonly at: number; readonly report: Promise<DoctorReport> } | null = null;

  constructor(codex: Codex) {
    this.#codex = codex;
  }

  /** Returns the health under this key, such as for `health.check([() => indicator.check('codex')])`. */
  async check(
    key = 'codex',
    { maxAgeMs = 30_000, downFor = decisive }: CodexHealthOptions = {},
  ): Promise<CodexHealth> {
    const { version, roundTripMs, problems } = await this.#report(maxAgeMs);
    const checks = [...new Set(problems.map(({ check }) => check))];
    const status = checks.some((check) => downFor.includes(check)) ? 'down' : 'up';
    return { [key]: Object.freeze({ status, version, roundTripMs, problems: checks }) };
  }

  async #report(maxAgeMs: number): Promise<DoctorReport> {
    const now = timers.performance.now();
    const isRecent = this.#last !== null && now - this.#last.at < maxAgeMs;
    const last = isRecent && this.#last ? this.#last : { at: now, report: this.#examine() };
    this.#last = last;
    try {
      return await last.report;
    } catch (error) {
      if (this.#last === last) this.#last = null;
      throw error;
    }
  }

  async #examine(): Promise<DoctorReport> {
    const report = await this.#codex.doctor();
    for (const { check, what, advice } of report.problems)
      this.#logger.warn(`${check}: ${what} ${advice}`);
    return report;
  }
}
