import { plainToInstance } from 'class-transformer';
import { createRequire } from 'node:module';
import { isBuiltIn, isRecord } from '../shapes.js';
import type { OutputClass } from './output-format.js';

const storagePath = /[\\/]class-transformer[\\/](?:cjs[\\/])?storage\.js$/;

/** Converts plain JSON to instances with one copy of class-transformer. @internal */
export type Transformer = typeof plainToInstance;

/** The class of a property according to `@Type`, or why it cannot be used. @internal */
export type NestedType = { readonly type: OutputClass | null } | { readonly refusal: string };

interface Entry {
  readonly plainToInstance?: Transformer;
  /** The name before 0.4. */
  readonly plainToClass?: Transformer;
}

interface Storage {
  readonly _typeMetadatas?: ReadonlyMap<unknown, unknown>;
  readonly _transformMetadatas?: ReadonlyMap<unknown, unknown>;
}

/**
 * All copies of class-transformer that Node has loaded. class-transformer keeps its registry in the module, so one copy
 * (the user's, or the one in a bundle) does not see decorators of another.
 *
 * @internal
 */
export class Transformers {
  readonly #copies: readonly (readonly [Transformer, Storage])[];

  private constructor(copies: readonly (readonly [Transformer, Storage])[]) {
    this.#copies = copies;
  }

  /** The copies that are currently loaded. */
  static loaded(): Transformers {
    // The file name only satisfies the signature: all CommonJS modules of Node share one cache.
    const cache = createRequire(process.execPath).cache as NodeJS.Dict<NodeJS.Module> | undefined;
    const copies = Object.keys(cache ?? {}).flatMap((file) => {
      if (!file.endsWith('storage.js') || !storagePath.test(file)) return [];
      const { defaultMetadataStorage } = cache?.[file]?.exports as {
        defaultMetadataStorage?: Storage;
      };
      const entry = cache?.[file.replace(/storage\.js$/, 'index.js')]?.exports as Entry | undefined;
      const transformer = entry?.plainToInstance ?? entry?.plainToClass;
      const isWhole = transformer !== undefined && defaultMetadataStorage !== undefined;
      return isWhole ? [[transformer, defaultMetadataStorage] as const] : [];
    });
    return new Transformers(copies);
  }

  /** The copy whose decorators are on one of these classes, or else the copy imported by this library. */
  of(types: readonly OutputClass[]): Transformer {
    const found = this.#copies.find(([, storage]) => types.some((type) => knows(storage, type)));
    return found?.[0] ?? plainToInstance;
  }
}

/**
 * Determines the class of a property with a copy of class-transformer: transforms an object that records which members
 * are read. This uses only the public API, so it also works in a bundle.
 *
 * @internal
 */
export function nestedType(
  transformer: Transformer,
  type: OutputClass,
  property: string,
  isArray: boolean,
): NestedType {
  const asked = new Set<string>();
  const note = (key: string | symbol): void => {
    if (typeof key === 'string' && key !== 'then' && key !== 'constructor') asked.add(key);
  };
  const probe = new Proxy(
    {},
    {
      has: (_, key) => (note(key), false),
      get: (_, key) => (note(key), undefined),
    },
  );
  try {
    const plain = { [property]: isArray ? [probe] : probe };
    const made = transformer(type, plain, { ignoreDecorators: true }) as Record<string, unknown>;
    const value = made[property];
    const found: unknown = isArray ? (Array.isArray(value) ? value[0] : null) : value;
    const [discriminator] = asked;
    if (discriminator !== undefined)
      return {
        refusal: `@Type with the discriminator "${discriminator}" is not supported`,
      };
    return { type: classOf(found) };
  } catch {
    // A @Transform or a constructor that fails on the probe: the other sources decide.
    return { type: null };
  }
}

/** Whether `@Exclude()` is on the class itself, which excludes all properties. @internal */
export function hidesProperties(transformer: Transformer, type: OutputClass): boolean {
  const property = 'aPropertyOfNoClass';
  try {
    const made = transformer(type, { [property]: true }, { ignoreDecorators: true });
    return !Object.hasOwn(made, property);
  } catch {
    return false;
  }
}

function classOf(value: unknown): OutputClass | null {
  if (!isRecord(value)) return null;
  const found: unknown = Object.getPrototypeOf(value) === null ? null : value.constructor;
  return typeof found === 'function' && !isBuiltIn(found) ? (found as OutputClass) : null;
}

function knows(storage: Storage, type: OutputClass): boolean {
  for (let owner: unknown = type; typeof owner === 'function'; owner = Object.getPrototypeOf(owner))
    if (
      storage._typeMetadatas?.has(owner) === true ||
      storage._transformMetadatas?.has(owner) === true
    )
      return true;
  return false;
}
