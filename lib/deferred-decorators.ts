import { Transform as transform } from 'class-transformer';
import {
  Equals as equals,
  IsBoolean as isBoolean,
  IsIn as isIn,
  IsInstance as isInstance,
  IsObject as isObject,
  IsOptional as isOptional,
  IsString as isString,
  ValidateBy as validateBy,
  ValidateNested as validateNested,
} from 'class-validator';

// The decorators of the two libraries, which load with the first validation instead of the import of this package.

const waiting: (() => void)[] = [];

/** Applies the decorators of all classes evaluated so far. @internal */
export function applyDecorators(): void {
  for (const apply of waiting.splice(0)) apply();
}

function deferred<Given extends readonly unknown[]>(
  decorator: (...given: Given) => PropertyDecorator,
): (...given: Given) => PropertyDecorator {
  return (...given) =>
    (target, name) => {
      waiting.push(() => {
        decorator(...given)(target, name);
      });
    };
}

/** @internal */
export const Transform = deferred((...given: Parameters<typeof transform>) => transform(...given));

/** @internal */
export const Equals = deferred((...given: Parameters<typeof equals>) => equals(...given));

/** @internal */
export const IsBoolean = deferred((...given: Parameters<typeof isBoolean>) => isBoolean(...given));

/** @internal */
export const IsIn = deferred((...given: Parameters<typeof isIn>) => isIn(...given));

/** @internal */
export const IsInstance = deferred((...given: Parameters<typeof isInstance>) =>
  isInstance(...given),
);

/** @internal */
export const IsObject = deferred((...given: Parameters<typeof isObject>) => isObject(...given));

/** @internal */
export const IsOptional = deferred((...given: Parameters<typeof isOptional>) =>
  isOptional(...given),
);

/** @internal */
export const IsString = deferred((...given: Parameters<typeof isString>) => isString(...given));

/** @internal */
export const ValidateBy = deferred((...given: Parameters<typeof validateBy>) =>
  validateBy(...given),
);

/** @internal */
export const ValidateNested = deferred((...given: Parameters<typeof validateNested>) =>
  validateNested(...given),
);
