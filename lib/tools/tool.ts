import { ValidationError } from '../errors.js';
import { needsExperimentalDecorators, shown } from '../validation.js';
import type { ToolContext } from './tool-context.js';
import type { JsonSchemaOutput } from '../output/json-schema-output.js';
import type { OutputClass } from '../output/output-format.js';
import type { StandardSchema } from '../output/standard-schema.js';
import type { ToolInputSchema } from './tool-input-schema.js';
import type { ToolResult } from './tool-result.js';

// Registered, so that the ESM and the CommonJS build see the same declarations.
const key = Symbol.for('codex-threads.tools');

/**
 * Makes a method a tool that the model can call in this process. The name of the tool is `name`, or the name of the
 * method. The method gets the validated input and a {@link ToolContext}.
 *
 * An error of the method is reported to the model as a failed call, with its message. {@link tool} creates a tool
 * without a class or decorators.
 *
 * @throws {@link ValidationError} when the class is defined, if the decorated member is not an instance method with a
 * string name
 *
 * @example
 * ```ts
 * class PaymentQuery {
 *   @IsString()
 *   readonly id!: string;
 * }
 *
 * class PaymentsTools {
 *   constructor(private readonly db: Database) {}
 *
 *   @Tool({ description: 'Finds a payment by its id.', input: PaymentQuery })
 *   async findPayment(query: PaymentQuery, { signal }: ToolContext): Promise<object> {
 *     return this.db.payment(query.id, { signal });
 *   }
 * }
 *
 * const thread = codex.thread().withTools(new PaymentsTools(db)).build();
 * await thread.run('Is payment p-1 settled?');
 * ```
 */
// eslint-disable-next-line @typescript-eslint/naming-convention -- decorators are named like classes
export function Tool<T extends object = Record<string, never>>(
  options: ToolOptions<T>,
): ToolDecorator<T> {
  return (target, name, descriptor) => {
    const reason = objection(target, name, descriptor);
    if (reason !== undefined) throw new ValidationError('@Tool', [{ path: String(name), reason }]);
    declareTool(target, { ...options, method: name as string });
  };
}

/** Registers a tool on the object that has its method. @internal */
export function declareTool(owner: object, declaration: ToolDeclaration): void {
  if (!Object.hasOwn(owner, key)) Object.defineProperty(owner, key, { value: new Map() });
  declaredOn(owner)?.set(declaration.method, declaration);
}

/** Options of a {@link Tool}. */
export interface ToolOptions<T extends object = object> {
  /** The purpose of the tool and when to use it: in addition to the input, the only information for the model. */
  readonly description: string;
  /**
   * The schema, the validator and the type of the input in one: a decorated class, a Standard Schema (Zod, Valibot,
   * ArkType) or `{ jsonSchema }`. Without it, the tool has no input.
   */
  readonly input?: OutputClass<T> | StandardSchema<T> | JsonSchemaOutput | ToolInputSchema<T>;
  /** The name of the tool for the model. Defaults to the name of the method. */
  readonly name?: string;
  /** The time limit of a call, in milliseconds. Defaults to the limit of the turn. */
  readonly timeoutMs?: number;
}

/** The decorator that {@link Tool} returns, for methods with the input of the tool. @inline */
export interface ToolDecorator<T extends object> {
  /**
   * Decorates a method.
   *
   * @typeParam M - the method
   */
  // eslint-disable-next-line @typescript-eslint/prefer-function-type -- only here can its type parameter be documented
  <M extends (input: T, context: ToolContext) => ToolResult | Promise<ToolResult>>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void;
}

/** The declaration of a tool in its class. @internal */
export interface ToolDeclaration extends ToolOptions {
  /** The name of the method. */
  readonly method: string;
  /** Its origin, if it is not a method of a class. */
  readonly owner?: string;
}

/** The tools of an object: its own, those of its class, and inherited ones that it does not redeclare. @internal */
export function toolsOf(source: object): readonly ToolDeclaration[] {
  const found = new Map<string, ToolDeclaration>();
  for (
    let owner: unknown = source;
    typeof owner === 'object' && owner !== null;
    owner = Object.getPrototypeOf(owner)
  )
    for (const [method, declaration] of declaredOn(owner) ?? [])
      if (!found.has(method)) found.set(method, declaration);
  return [...found.values()];
}

function declaredOn(owner: object): Map<string, ToolDeclaration> | undefined {
  return Object.getOwnPropertyDescriptor(owner, key)?.value as
    Map<string, ToolDeclaration> | undefined;
}

function objection(target: unknown, name: unknown, descriptor: unknown): string | undefined {
  if (typeof name === 'object') return needsExperimentalDecorators;
  if (typeof target === 'function') return 'cannot decorate a static method';
  if (typeof name !== 'string') return 'cannot decorate a method with a symbol as its name';
  const value = (descriptor as PropertyDescriptor | undefined)?.value as unknown;
  if (typeof value !== 'function') return `must decorate a method, got ${shown(value)}`;
  return undefined;
}
