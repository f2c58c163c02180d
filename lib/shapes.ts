import * as types from 'node:util/types';

// Under Jest, values of Node belong to another realm than those of the test, so instanceof is false for them.

/** Whether a value is an object other than an array. @internal */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an object, an array or a function. @internal */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether a value is an object literal, or an object without a prototype. @internal */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a value is a `Map`. @internal */
export function isMap(value: unknown): value is Map<unknown, unknown> {
  return types.isMap(value);
}

/** Whether a value is a `Set`. @internal */
export function isSet(value: unknown): value is Set<unknown> {
  return types.isSet(value);
}

/** Whether a value is a `URL`. @internal */
export function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]';
}

/** Whether a value is an `AbortSignal`. @internal */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return isRecord(value) && 'aborted' in value && typeof value.addEventListener === 'function';
}

/** Whether a value is an error. @internal */
export function isError(value: unknown): value is Error {
  return isRecord(value) && typeof value.name === 'string' && typeof value.message === 'string';
}

/** The message of a thrown value. @internal */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown);
}

/** The `code` of a thrown value, such as `ENOENT`; undefined if it has none. @internal */
export function codeOf(thrown: unknown): unknown {
  return isRecord(thrown) ? thrown.code : undefined;
}

/**
 * Whether a value is a built-in class of JavaScript, such as `Array`. With names: whether it is one of these.
 *
 * @internal
 */
export function isBuiltIn(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'function' || (names.length > 0 && !names.includes(value.name)))
    return false;
  return Function.prototype.toString.call(value).endsWith('{ [native code] }');
}
