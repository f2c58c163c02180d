import { ValidationError } from '../errors.js';
import type { JsonObject, OutputFormat, OutputOutcome } from './output-format.js';
import { readJson } from './json.js';
import { inputSchemaOf, readByStandardSchema, type StandardSchema } from './standard-schema.js';
import { limitProblems } from './strict-limits.js';
import { strictProblems } from './strict-rules.js';
import { StrictSchema } from './strict-schema.js';

/**
 * Structured output described by a Standard Schema that also gives a JSON Schema. The model is asked for the schema's input,
 * the caller gets its output; optional properties are answered with null and left out again before the schema sees them.
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
   * Asks the schema for its JSON Schema and makes that strict.
   *
   * @throws {@link ValidationError} when it gives none, or with the path of everything that strict mode cannot express.
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
