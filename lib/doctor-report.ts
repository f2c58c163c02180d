/** Whether turns can run here. Frozen. */
export interface DoctorReport {
  /** The path of the codex binary, or null if none was found. */
  readonly binary: string | null;
  /** The version of codex-rs, or null if unknown. */
  readonly version: string | null;
  /** Whether this package was tested with that version. */
  readonly versionIsTested: boolean;
  /** The kind of login, such as `apiKey` or `chatgpt`; null without a login, or if codex-rs did not start. */
  readonly account: string | null;
  /** Whether codex-rs works with the user's configuration, login and threads, or with a private home. */
  readonly isolation: 'user' | 'private';
  /** The directory codex-rs works with; null if an external server did not report it. */
  readonly home: string | null;
  /** Whether a file can be created there; null for an external server. */
  readonly homeIsWritable: boolean | null;
  /** How long codex-rs took to answer a request, in milliseconds; null if it did not start. */
  readonly roundTripMs: number | null;
  /** Whether a command runs in the sandbox; null if the check was not possible. */
  readonly sandboxIsUsable: boolean | null;
  /** All problems found; empty if every check passed. */
  readonly problems: readonly DoctorProblem[];
}

/** A failed check and its remedy. @inline */
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
  /** The problem. */
  readonly what: string;
  /** The remedy. */
  readonly advice: string;
}
