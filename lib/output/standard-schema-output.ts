import { ValidationError } from '../errors.js';
import type { JsonObject, OutputFormat, OutputOutcome } from './output-format.js';
import { readJson } from './json.js';
import { inputSchemaOf, readByStandardSchema, type StandardSchema } from './standard-schema.js';
import { limitProblems } from './strict-limits.js';
import { strictProblems } from './strict-rules.js';
import { StrictSchema } from './strict-schema.js';

/**
 * Structured output described by a Standard Schema that can also produce a JSON Schema. The model produces the schema's
 * input; the caller gets its output. The model writes null for optional properties; they are removed before validation.
 *
 * @internal
 */
export class OutputOfStandardSchema<T> implements OutputFormat<T> {
  readonly schema: JsonObject;
  readonly #strict: StrictSchema;
  readonly #standard: StandardSchema<T>['~standard'];

  private constructor(strict: StrictSchema, standard: StandardSchema<T>['~standard']) {
    this.schema = strict.schema;
    this.#strict = strict;
    this.#standard = standard;
  }

  /**
   * Gets the JSON Schema of the schema and makes it strict.
   *
   * @throws {@link ValidationError} if it has none, or with the path of everything that strict mode cannot express
   */
  static of<T>(source: StandardSchema<T>): OutputOfStandardSchema<T> {
    const standard = source['~standard'];
    const subject = `output schema of ${standard.vendor}`;
    const strict = StrictSchema.of(inputSchemaOf(standard, subject));
    const problems = [...strictProblems(strict.schema), ...limitProblems(strict.schema)];
    if (problems.length > 0) throw new ValidationError(subject, problems);
    return new OutputOfStandardSchema(strict, standard);
  }

  get leftOut(): ReadonlySet<unknown> {
    return this.#strict.leftOut;
  }

  parse(text: string): OutputOutcome<T> {
    const json = readJson(text);
    if (!json.ok) return json;
    return readByStandardSchema(this.#standard, json.value, (answer) =>
      this.#strict.withoutNulls(answer),
    );
  }
}
