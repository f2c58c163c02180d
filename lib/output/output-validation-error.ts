import { CodexError, type ValidationProblem } from '../errors.js';

/** Properties of an {@link OutputValidationError}. @inline */
export interface OutputValidationErrorProps {
  /** The turn of the answer. */
  readonly turnId: string;
  /** The final response, or null if there was none. */
  readonly text: string | null;
  /** All problems with the answer. */
  readonly problems: readonly ValidationProblem[];
}

/**
 * The turn completed, but its final response does not match the requested `output`.
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
  /** The turn of the answer. */
  readonly turnId: string;
  /** The final response, or null if there was none. */
  readonly text: string | null;
  /** All problems with the answer. */
  readonly problems: readonly ValidationProblem[];

  constructor(props: OutputValidationErrorProps) {
    const lines = props.problems.map(({ path, reason }) =>
      path === '' ? reason : `${path}: ${reason}`,
    );
    super(
      `The answer does not match the requested output; pass repairs: n to let the model correct it.\n  ${lines.join('\n  ')}`,
      { code: 'invalid-output', retryable: true },
    );
    this.turnId = props.turnId;
    this.text = props.text;
    this.problems = props.problems;
  }
}
