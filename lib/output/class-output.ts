import { ValidationError } from '../errors.js';
import { DecoratedClass } from './decorated-class.js';
import type { JsonObject, OutputClass, OutputFormat, OutputOutcome } from './output-format.js';
import { readJson } from './json.js';
import { limitProblems } from './strict-limits.js';
import { strictProblems } from './strict-rules.js';
import { StrictSchema } from './strict-schema.js';

/**
 * Structured output described by a decorated class: provides a strict JSON Schema and returns a validated instance.
 *
 * @internal
 */
export class OutputOfClass<T extends object> implements OutputFormat<T> {
  readonly schema: JsonObject;
  readonly leftOut: ReadonlySet<unknown>;
  readonly #class: DecoratedClass<T>;

  private constructor(decorated: DecoratedClass<T>, { schema, leftOut }: StrictSchema) {
    this.#class = decorated;
    this.schema = schema;
    this.leftOut = leftOut;
  }

  /**
   * Reads the class and creates its schema.
   *
   * @throws {@link ValidationError} with the path of everything that strict mode or JSON cannot express
   */
  static of<T extends object>(type: OutputClass<T>): OutputOfClass<T> {
    const decorated = DecoratedClass.read(type, 'output class');
    const strict = StrictSchema.of(decorated.schema);
    const { schema } = strict;
    const problems = [...strictProblems(schema, type.name), ...limitProblems(schema, type.name)];
    if (problems.length > 0) throw new ValidationError(`output class ${type.name}`, problems);
    return new OutputOfClass(decorated, strict);
  }

  parse(text: string): OutputOutcome<T> {
    const json = readJson(text);
    return json.ok ? this.#class.hydrate(json.value) : json;
  }
}
