import type { DynamicToolFunctionSpec } from '../protocol/index.js';
import type { Examination } from '../validation.js';
import type { ToolContext } from './tool-context.js';
import type { ToolInputSchema } from './tool-input-schema.js';
import { digestOf } from './tool-digests.js';
import type { ToolDeclaration } from './tool.js';

/** One tool of one object: its description for the model, and its method. @internal */
export class BoundTool {
  /** The name of the tool for the model. */
  readonly name: string;
  /** Its origin, such as `PaymentsTools.findPayment`. */
  readonly owner: string;
  /** The time limit of a call, in milliseconds. */
  readonly timeoutMs: number;
  readonly #source: object;
  readonly #declaration: ToolDeclaration;
  readonly #input: ToolInputSchema;

  constructor(source: object, declaration: ToolDeclaration, input: ToolInputSchema) {
    this.#source = source;
    this.#declaration = declaration;
    this.#input = input;
    this.name = nameOf(declaration);
    this.owner = declaration.owner ?? `${source.constructor.name}.${declaration.method}`;
    this.timeoutMs = declaration.timeoutMs ?? Infinity;
  }

  /** The description for `thread/start`. */
  get spec(): { readonly type: 'function' } & DynamicToolFunctionSpec {
    return {
      type: 'function',
      name: this.name,
      description: this.#declaration.description,
      inputSchema: this.#input.schema,
    };
  }

  /** A digest of the input as described to the model; the description of the tool itself does not count. */
  get digest(): string {
    return digestOf(this.#input.schema);
  }

  /** Reads the arguments: the input for the method, or all problems. */
  read(args: unknown): Examination<object> {
    return this.#input.read(args);
  }

  /** Calls the method on its object. */
  async run(input: object, context: ToolContext): Promise<unknown> {
    // A subclass may override the method without decorating it again.
    const method = Reflect.get(this.#source, this.#declaration.method) as (
      input: object,
      context: ToolContext,
    ) => unknown;
    const result: unknown = await method.call(this.#source, input, context);
    return result;
  }
}

/** The name of a tool for the model. @internal */
export function nameOf({ name, method }: ToolDeclaration): string {
  return name ?? method;
}
