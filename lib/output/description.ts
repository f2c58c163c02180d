import { ValidationError } from '../errors.js';
import { needsExperimentalDecorators } from '../validation.js';

// The texts are stored on the class under a registered symbol, shared by the ESM and the CommonJS build.
const key = Symbol.for('codex-threads.descriptions');

interface Named {
  readonly name?: unknown;
}
type Texts = Map<string | symbol | null, string>;

/**
 * Describes a class or a property to the model: the text becomes the `description` in the JSON Schema.
 *
 * Subclasses inherit the text of a property, but not that of a class.
 *
 * @throws {@link ValidationError} when the class is defined, if the compiler option `experimentalDecorators` is not set
 *
 * @example
 * ```ts
 * class Finding {
 *   @Describe('Path of the file, from the root of the repository.')
 *   @IsString()
 *   readonly file!: string;
 *
 *   @IsInt()
 *   readonly line!: number;
 *
 *   @IsIn(['low', 'high'])
 *   readonly risk!: 'low' | 'high';
 * }
 *
 * class Review {
 *   @ValidateNested({ each: true })
 *   @Type(() => Finding)
 *   @ArrayMinSize(1)
 *   readonly findings!: Finding[];
 * }
 *
 * const { output } = await thread.run('Review the last commit', { output: Review, repairs: 1 });
 * for (const { file, line, risk } of output.findings) console.log(`${file}:${line} ${risk}`); // a.ts:3 low
 * ```
 */
// eslint-disable-next-line @typescript-eslint/naming-convention -- named like the decorators used with it
export function Describe(text: string): (target: object, property?: string | symbol) => void {
  return (target, property) => {
    // Standard decorators get a context object as this argument.
    if (typeof property === 'object')
      throw new ValidationError('@Describe', [
        { path: String((property as Named).name), reason: needsExperimentalDecorators },
      ]);
    const owner = typeof target === 'function' ? target : target.constructor;
    let texts = ownTexts(owner);
    if (texts === undefined) {
      texts = new Map();
      Object.defineProperty(owner, key, { value: texts });
    }
    texts.set(property ?? null, text);
  };
}

/**
 * The text that {@link Describe} attached to a class, or to one of its properties, own or inherited.
 *
 * @internal
 */
export function descriptionOf(type: object, property: string | null): string | undefined {
  if (property === null) return ownTexts(type)?.get(null);
  for (
    let owner = type;
    typeof owner === 'function';
    owner = Object.getPrototypeOf(owner) as object
  ) {
    const text = ownTexts(owner)?.get(property);
    if (text !== undefined) return text;
  }
  return undefined;
}

function ownTexts(owner: object): Texts | undefined {
  return Object.getOwnPropertyDescriptor(owner, key)?.value as Texts | undefined;
}
