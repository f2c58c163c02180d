import { TransportError } from '../../errors.js';

/** One way in which a client did other than was recorded. */
export interface ReplayDifference {
  /**
   * `changed`: a request with other values. `unrecorded`: a request that was not made in the recording, or not then.
   * `unsent`: a recorded one that was not made.
   */
  readonly kind: 'changed' | 'unrecorded' | 'unsent';
  /** Which run of codex-rs, counted from 1. */
  readonly process: number;
  /** The method of the request; for an answer to a request of codex-rs, that request's method. */
  readonly method: string;
  /** Where the two differ, such as `params.input[0].text`; empty for the whole of it. */
  readonly path: string;
  /** What was recorded there; undefined for nothing. */
  readonly expected: unknown;
  /** What came; undefined for nothing. */
  readonly got: unknown;
}

/**
 * A client did other than a transcript has it. It ends every call that waits; `ReplayTransport.assertFinished` throws it again.
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
  /** Everything that differs; at least one. */
  readonly differences: readonly [ReplayDifference, ...ReplayDifference[]];

  constructor(differences: readonly [ReplayDifference, ...ReplayDifference[]]) {
    super(
      `The client does other than the transcript has it:\n${linesOf(differences)}\nMend the program, or record the transcript anew.`,
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
      return `${where} was recorded and not sent: ${shown(expected)}`;
    case 'unrecorded':
      return `${where} was sent and not recorded here: ${shown(got)}`;
    case 'changed':
      return `${where}\n    expected ${shown(expected)}\n    got      ${shown(got)}`;
  }
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
