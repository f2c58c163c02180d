/** Whether turns can run here. Frozen. */
export interface DoctorReport {
  /** The path of the codex binary, or null when there is none. */
  readonly binary: string | null;
  /** The version of codex-rs, or null when it cannot be told. */
  readonly version: string | null;
  /** Whether it is the version this package was tested with. */
  readonly versionIsTested: boolean;
  /** The kind of login, such as `apiKey` or `chatgpt`; null when there is none, or when codex-rs did not start. */
  readonly account: string | null;
  /** Whether codex-rs works with the user's configuration, login and threads, or with a home of its own. */
  readonly isolation: 'user' | 'private';
  /** The directory codex-rs works with; null when a server that lives by itself did not say it. */
  readonly home: string | null;
  /** Whether a file can be created there; null for a server that lives by itself. */
  readonly homeIsWritable: boolean | null;
  /** How long codex-rs took to answer a request, in milliseconds; null when it did not start. */
  readonly roundTripMs: number | null;
  /** Whether a command can be run in a sandbox; null when that could not be found out. */
  readonly sandboxIsUsable: boolean | null;
  /** Everything that is wrong; empty when all is well. */
  readonly problems: readonly DoctorProblem[];
}

/** Something that is wrong, and what to do about it. @inline */
export interface DoctorProblem {
  /** The check that failed, to branch on. */
  readonly check:
    | 'binary'
    | 'home'
    | 'shared-home'
    | 'start'
    | 'version'
    | 'account'
    | 'configuration'
    | 'instructions'
    | 'mcp-server'
    | 'skill'
    | 'sandbox';
  /** What is wrong. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}
