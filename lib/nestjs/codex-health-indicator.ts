import { Logger } from '@nestjs/common';
import type { Codex } from '../codex.js';
import type { DoctorProblem, DoctorReport } from '../doctor-report.js';
import { timers } from '../timers.js';

/** The checks of the doctor that mean that turns cannot run. */
const decisive: readonly DoctorProblem['check'][] = [
  'binary',
  'home',
  'start',
  'account',
  'configuration',
];

/** How a {@link CodexHealthIndicator} judges. */
export interface CodexHealthOptions {
  /** How old a report may be, in milliseconds; 0 asks the doctor again. @defaultValue 30000 */
  readonly maxAgeMs?: number;
  /**
   * The checks whose problems make the client `down`; the others are reported only.
   * @defaultValue `['binary', 'home', 'start', 'account', 'configuration']`
   */
  readonly downFor?: readonly DoctorProblem['check'][];
}

/** The health of a client, in the form that Terminus 11 and 12 read: under the key, a status and its details. */
export type CodexHealth = Record<
  string,
  {
    /** Whether turns can run. */
    readonly status: 'up' | 'down';
    /** The version of codex-rs, or null if it is unknown. */
    readonly version: string | null;
    /** How long codex-rs took to answer a request, in milliseconds; null if it did not. */
    readonly roundTripMs: number | null;
    /** The checks that failed. What to do about each is in the log. */
    readonly problems: readonly DoctorProblem['check'][];
  }
>;

/**
 * Reports whether turns can run, from `codex.doctor()`. It does not import Terminus: the result of {@link CodexHealthIndicator.check}
 * is what Terminus expects of an indicator, and is as useful without it.
 *
 * The doctor opens an ephemeral thread and runs a command in the sandbox. So a report serves all checks for 30 seconds, and
 * checks at the same time share one examination. Health pages are often public, so the result names the failed checks, and a
 * Nest `Logger` gets the texts, which may name paths.
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

  /** The health under this key, such as for `health.check([() => indicator.check('codex')])`. */
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
