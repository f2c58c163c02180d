import { TransportError } from '../../errors.js';

/** One deviation of a client from the recording. */
export interface ReplayDifference {
  /**
   * `changed`: a request with other values. `unrecorded`: a request that is not in the recording, or not at this point.
   * `unsent`: a recorded request that was not sent.
   */
  readonly kind: 'changed' | 'unrecorded' | 'unsent';
  /** The number of the codex-rs process, starting at 1. */
  readonly process: number;
  /** The method of the request; for a reply to a request of codex-rs, the method of that request. */
  readonly method: string;
  /** The path of the difference, such as `params.input[0].text`; empty for the whole message. */
  readonly path: string;
  /** The recorded value, or undefined. */
  readonly expected: unknown;
  /** The received value, or undefined. */
  readonly got: unknown;
}

/**
 * A client deviated from a transcript. All pending calls reject; `ReplayTransport.assertFinished` throws the error
 * again.
 *
 * @example
 * ```ts
 * const replay = await ReplayTransport.load(file);
 * await using codex = new Codex({ transport: replay });
 * const thread = codex.startThread();
 * await thread.run('Why is the build slow?').catch(() => undefined);
 *
 * try {
 *   replay.assertFinished();
 * } catch (error) {
 *   if (!ReplayMismatchError.is(error)) throw error;
 *   const [{ method, path, expected, got }] = error.differences;
 *   console.log(method, path); // turn/start params.input[0].text
 *   console.log(expected); // Why is the build red?
 *   console.log(got); // Why is the build slow?
 * }
 * ```
 */
export class ReplayMismatchError extends TransportError {
  /** @internal */
  static override readonly errorName: string = 'ReplayMismatchError';
  /** All differences; at least one. */
  readonly differences: readonly [ReplayDifference, ...ReplayDifference[]];

  constructor(differences: readonly [ReplayDifference, ...ReplayDifference[]]) {
    super(
      `The client deviates from the transcript:\n${linesOf(differences)}\nFix the program, or record the transcript again.`,
      { code: 'replay-mismatch', retryable: false },
    );
    this.differences = Object.freeze(differences);
  }
}

const mostShown = 8;

function linesOf(differences: readonly ReplayDifference[]): string {
  const lines = differences.slice(0, mostShown).map(lineOf);
  const left = differences.length - lines.length;
  return [...lines, ...(left > 0 ? [`  and ${left} more`] : [])].join('\n');
}

function lineOf({ kind, process, method, path, expected, got }: ReplayDifference): string {
  const where = `  ${method}${path === '' ? '' : ` ${path}`} (process ${process})`;
  switch (kind) {
    case 'unsent':
      return `${where} was recorded but not sent: ${shown(expected)}`;
    case 'unrecorded':
      return `${where} was sent but not recorded here: ${shown(got)}`;
    case 'changed':
      return `${where}\n    expected ${shown(expected)}\n    got      ${shown(got)}`;
  }
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
