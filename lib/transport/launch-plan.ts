import type { Redactor } from '../redaction.js';

/** How a transport opens a connection: all values needed to start a codex-rs process. */
export interface LaunchPlan {
  /** The path of the binary. Defaults to `CODEX_PATH`, then the installed npm package, then `PATH`. */
  readonly codexPath?: string;
  /** The absolute path for `CODEX_HOME` of the process. Defaults to Codex's own default, below `HOME`. */
  readonly codexHome?: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Raw `key=value` settings, each given as `-c`. */
  readonly configOverrides: readonly string[];
  /** The time limit for the start, including the handshake. */
  readonly startupTimeoutMs: number;
  /** The longest line to accept from the process, in bytes. A longer one ends the process. */
  readonly maxFrameBytes: number;
  /** Hides secrets in texts of the process that are part of errors. @internal */
  readonly redactor: Redactor;
  /** The working directory of the process. Defaults to the home. */
  readonly workingDirectory?: string;
  /**
   * The directory for process records, used to clean up after a killed host. Defaults to `~/.codex-threads/processes`.
   */
  readonly stateDirectory?: string;
}

/** The environment of the process, `CODEX_HOME` included. */
export function environmentOf(plan: LaunchPlan): Readonly<Record<string, string>> {
  if (plan.codexHome === undefined) return plan.environment;
  return { ...plan.environment, CODEX_HOME: plan.codexHome };
}

/** The arguments that start a codex binary as an app-server over standard input and output. */
export function argumentsOf(plan: LaunchPlan): string[] {
  return ['app-server', ...plan.configOverrides.flatMap((override) => ['-c', override])];
}
