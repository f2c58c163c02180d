import type { DynamicToolFunctionSpec } from '../protocol/index.js';
import type { Examination } from '../validation.js';
import type { ToolContext } from './tool-context.js';
import type { ToolInputSchema } from './tool-input-schema.js';
import { digestOf } from './tool-digests.js';
import type { ToolDeclaration } from './tool.js';

/** One tool of one object: what the model is told of it, and the method behind it. @internal */
export class BoundTool {
  /** The name the model calls it by. */
  readonly name: string;
  /** Where it comes from, such as `PaymentsTools.findPayment`. */
  readonly owner: string;
  /** How long a call may take, in milliseconds. */
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

  /** What `thread/start` is told. */
  get spec(): { readonly type: 'function' } & DynamicToolFunctionSpec {
    return {
      type: 'function',
      name: this.name,
      description: this.#declaration.description,
      inputSchema: this.#input.schema,
    };
  }

  /** What changes with what the model is told of the input; the tool's own description does not count. */
  get digest(): string {
    return digestOf(this.#input.schema);
  }

  /** The input for the method, or what is wrong with the arguments. */
  read(args: unknown): Examination<object> {
    return this.#input.read(args);
  }

  /** Calls the method on its object. */
  async run(input: object, context: ToolContext): Promise<unknown> {
    // A subclass may have overridden the method without decorating it again.
    const method = Reflect.get(this.#source, this.#declaration.method) as (
      input: object,
      context: ToolContext,
    ) => unknown;
    const result: unknown = await method.call(this.#source, input, context);
    return result;
  }
}

/** The name the model calls a tool by. @internal */
export function nameOf({ name, method }: ToolDeclaration): string {
  return name ?? method;
}
