import { CodexError } from '../errors.js';

/** Why an environment cannot be used: a closed set. @inline */
export type EnvironmentProblem =
  'environment-unreachable' | 'environment-unknown' | 'local-environment';

/** Properties of an {@link EnvironmentError}. @inline */
export interface EnvironmentErrorProps {
  readonly code: EnvironmentProblem;
  /** The name of the environment. */
  readonly environment: string;
  /** The message of codex-rs. */
  readonly detail?: string | null;
  readonly cause?: unknown;
}

const reasons: Readonly<Record<EnvironmentProblem, string>> = {
  'environment-unreachable':
    'its exec-server cannot be reached, and no turn was started: start the server, then run the turn again',
  'environment-unknown':
    'codex-rs does not have it: add it to the environments of the client, or call codex.environments.add()',
  'local-environment':
    'codex-rs could run commands on its own machine, which a client with environments excludes: remove environments.toml from its Codex home; start an external server with CODEX_EXEC_SERVER_URL=none',
};

/**
 * An environment of a thread cannot be used, or codex-rs could run commands outside the environments of the client;
 * {@link EnvironmentError.code} gives the reason. No turn was started.
 *
 * @example
 * ```ts
 * await server.stop();
 * try {
 *   await thread.run('Build it again');
 * } catch (error) {
 *   if (!EnvironmentError.is(error)) throw error;
 *   console.log(error.code, error.environment); // environment-unreachable builder
 * }
 * ```
 */
export class EnvironmentError extends CodexError {
  static override readonly errorName: string = 'EnvironmentError';
  /** The reason, to branch on. */
  declare readonly code: EnvironmentProblem;
  /** The name of the environment. */
  readonly environment: string;

  constructor({ code, environment, detail = null, cause }: EnvironmentErrorProps) {
    const said = detail === null ? '' : ` codex-rs reports: ${detail}`;
    super(
      `The environment ${JSON.stringify(environment)} cannot be used: ${reasons[code]}.${said}`,
      {
        code,
        retryable: code === 'environment-unreachable',
        cause,
      },
    );
    this.environment = environment;
  }
}
