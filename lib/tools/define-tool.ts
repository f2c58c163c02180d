import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import type { ToolContext } from './tool-context.js';
import type { ToolInputOf, ToolInputSource } from './tool-input-schema.js';
import type { ToolResult } from './tool-result.js';
import { objectionsTo } from './tool-rules.js';
import { declareTool, type ToolDeclaration, type ToolOptions } from './tool.js';

/**
 * Creates a tool that the model can call in this process, without a class or decorators. `run` gets the validated input
 * and a {@link ToolContext}; everything else works as with {@link Tool}. Pass the result to `withTools`; a test may
 * call its `run`.
 *
 * @throws {@link ValidationError} if the name, the description, `timeoutMs` or `run` is not valid. The input is checked
 * by `build()`.
 *
 * @example
 * ```ts
 * const findPayment = tool({
 *   name: 'find_payment',
 *   description: 'Finds a payment by its id.',
 *   input: z.object({ id: z.string().regex(/^p-\d+$/) }),
 *   run: async ({ id }, { signal }) => db.payment(id, { signal }),
 * });
 *
 * const thread = codex.thread().withTools(findPayment).build();
 * await thread.run('Is payment p-1 settled?');
 * ```
 */
export function tool<S extends ToolInputSource | undefined = undefined>(
  definition: ToolDefinition<S>,
): Readonly<ToolDefinition<S>> {
  const { name, description, input, timeoutMs, run } = definition;
  const declaration: ToolDeclaration = {
    // Without a name, as in JavaScript, it must not use the name of the method.
    name: typeof name === 'string' ? name : '',
    description,
    ...(input === undefined ? {} : { input: input as NonNullable<ToolOptions['input']> }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    method: 'run',
    owner: `tool({ name: ${JSON.stringify(name)} })`,
  };
  const problems = [
    ...objectionsTo(declaration),
    ...(typeof run === 'function'
      ? []
      : [{ path: 'run', reason: `must be a function, got ${shown(run)}` }]),
  ];
  if (problems.length > 0) throw new ValidationError('tool', problems);
  const defined: ToolDefinition<S> = { ...definition };
  declareTool(defined, declaration);
  return Object.freeze(defined);
}

/** Definition of a tool without a class. @inline */
export interface ToolDefinition<S extends ToolInputSource | undefined = undefined> extends Omit<
  ToolOptions,
  'name' | 'input'
> {
  /** The name of the tool for the model. */
  readonly name: string;
  /**
   * The schema, the validator and the type of the input in one: a Standard Schema (Zod, Valibot, ArkType),
   * `{ jsonSchema }` or a decorated class. Without it, the tool has no input.
   */
  readonly input?: S;
  /**
   * Called with the validated input; returns the result for the model. An error is reported to the model as a failed
   * call, with its message.
   */
  readonly run: (input: ToolInputOf<S>, context: ToolContext) => ToolResult | Promise<ToolResult>;
}
