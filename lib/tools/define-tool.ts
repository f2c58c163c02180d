import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import type { ToolContext } from './tool-context.js';
import type { ToolInputOf, ToolInputSource } from './tool-input-schema.js';
import type { ToolResult } from './tool-result.js';
import { objectionsTo } from './tool-rules.js';
import { declareTool, type ToolDeclaration, type ToolOptions } from './tool.js';

/**
 * Makes a tool that the model can call in this process, without a class and without decorators. `run` gets the validated input
 * and a {@link ToolContext}; everything else is as with {@link Tool}. What is given back goes to `withTools`; a test may call its `run`.
 *
 * @throws {@link ValidationError} if the name, the description, `timeoutMs` or `run` cannot be. The input is checked by `build()`.
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
    // Without one, as in JavaScript, it must not take the name of the method.
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

/** What describes a tool without a class. @inline */
export interface ToolDefinition<S extends ToolInputSource | undefined = undefined> extends Omit<
  ToolOptions,
  'name' | 'input'
> {
  /** The name the model calls it by. */
  readonly name: string;
  /**
   * At once the schema, the validator and the type of the input: a Standard Schema (Zod, Valibot, ArkType), `{ jsonSchema }`
   * or a decorated class. Without it the tool takes nothing.
   */
  readonly input?: S;
  /** Called with the validated input; gives what the model is told. What it throws is a failed call with the error's message. */
  readonly run: (input: ToolInputOf<S>, context: ToolContext) => ToolResult | Promise<ToolResult>;
}
