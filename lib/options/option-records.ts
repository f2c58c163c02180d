/** The members of an options class as an object literal: all are optional, and undefined counts as absent. */
export type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

/** Options by name, as a `Map` or as `[name, value]` entries. */
export type Entries = Iterable<readonly [name: string, value: unknown]>;

/** The same members under their snake_case names. */
export type SnakeCased<T> = { readonly [Name in keyof T & string as SnakeCase<Name>]?: T[Name] };

/** A camelCase name in snake_case. */
export type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/**
 * Parameters of an overload that accepts forms other than the record `Plain` of the first signature: a `Map`, entries,
 * or the names of another client.
 *
 * For any other argument, the overload has a wrong number of parameters, which rules it out. So the editor completes
 * the names of `Plain` only, and compiler messages refer to `Plain` alone.
 */
export type OtherForm<
  Given extends readonly unknown[],
  Plain,
  Parameters extends readonly unknown[],
> = readonly unknown[] extends Given
  ? Parameters
  : true extends IsOther<Given[number], Plain, Parameters[0]>
    ? Parameters
    : // Never true: the compiler infers `Given` from this branch.
      Given extends never
      ? Given
      : [never, never];

/** Whether a value is iterable, or has a name that only `Form` has. For turns, the settings are in `options`. */
type IsOther<Value, Plain, Form> =
  Value extends Iterable<unknown>
    ? true
    : Extract<keyof Value, Exclude<NamesOf<Form>, keyof Plain>> extends never
      ? Value extends { readonly options?: infer Settings }
        ? IsOther<Settings, SettingsOf<Plain>, SettingsOf<Form>>
        : false
      : true;

type NamesOf<Form> = Form extends unknown ? keyof Form : never;

type SettingsOf<Form> = Form extends { readonly options?: infer Settings } ? Settings : never;
