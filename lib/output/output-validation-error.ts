import { CodexError, type ValidationProblem } from '../errors.js';

/** An answer that is not what was asked for. @inline */
export interface OutputValidationErrorProps {
  /** The turn that gave it. */
  readonly turnId: string;
  /** The final response, or null when there was none. */
  readonly text: string | null;
  /** Everything that is wrong with it. */
  readonly problems: readonly ValidationProblem[];
}

/**
 * The turn completed, but its final response does not fit the `output` that was asked for.
 *
 * @example
 * ```ts
 * class Report {
 *   @IsString()
 *   readonly summary!: string;
 *
 *   @IsIn(['low', 'high'])
 *   readonly risk!: 'low' | 'high';
 * }
 *
 * try {
 *   await thread.run('Assess the risk', { output: Report });
 * } catch (error) {
 *   if (!OutputValidationError.is(error)) throw error;
 *   console.log(error.problems.map(({ path }) => path).join()); // risk
 * }
 * ```
 */
export class OutputValidationError extends CodexError {
  static override readonly errorName: string = 'OutputValidationError';
  /** The turn that gave it. */
  readonly turnId: string;
  /** The final response, or null when there was none. */
  readonly text: string | null;
  /** Everything that is wrong with it. */
  readonly problems: readonly ValidationProblem[];

  constructor(props: OutputValidationErrorProps) {
    const lines = props.problems.map(({ path, reason }) =>
      path === '' ? reason : `${path}: ${reason}`,
    );
    super(
      `The answer does not fit the output that was asked for; repairs: n lets the model mend it.\n  ${lines.join('\n  ')}`,
      { code: 'invalid-output', retryable: true },
    );
    this.turnId = props.turnId;
    this.text = props.text;
    this.problems = props.problems;
  }
}
