import type { Redactor } from '../redaction.js';

/** What a transport opens a connection with: everything that a process of codex-rs is started with, as plain values. */
export interface LaunchPlan {
  /** The binary to use. Otherwise `CODEX_PATH`, then the installed npm package, then `PATH`. */
  readonly codexPath?: string;
  /** Becomes `CODEX_HOME` of the process: an absolute path. Otherwise Codex's own default, below `HOME`. */
  readonly codexHome?: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Raw `key=value` settings, each given as `-c`. */
  readonly configOverrides: readonly string[];
  /** How long the start may take, to the end of the handshake. */
  readonly startupTimeoutMs: number;
  /** The longest line that is read from the process. A longer one ends it. */
  readonly maxFrameBytes: number;
  /** Hides secrets in every text of the process that goes into an error. @internal */
  readonly redactor: Redactor;
  /** Where the process runs. Defaults to the home. */
  readonly workingDirectory?: string;
  /** Where processes are written down in case the host is killed. Defaults to `~/.codex-threads/processes`. */
  readonly stateDirectory?: string;
}

/** The environment of the process, `CODEX_HOME` included. */
export function environmentOf(plan: LaunchPlan): Readonly<Record<string, string>> {
  if (plan.codexHome === undefined) return plan.environment;
  return { ...plan.environment, CODEX_HOME: plan.codexHome };
}

/** The arguments that make a codex binary an app-server on its standard input and output. */
export function argumentsOf(plan: LaunchPlan): string[] {
  return ['app-server', ...plan.configOverrides.flatMap((override) => ['-c', override])];
}
