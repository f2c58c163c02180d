import type { JsonValue } from '../protocol/index.js';
import type { Constraint } from './constraints.js';

/** The meaning of a class-validator rule in JSON Schema, or why JSON cannot satisfy it. @internal */
export type RuleMeaning =
  | (Constraint & {
      /** Whether the rule's own message covers what the keywords cannot express. */
      readonly isWorded?: boolean;
    })
  | { readonly refusal: string };

const string: RuleMeaning = { type: 'string', isWorded: true };
const worded: RuleMeaning = { isWorded: true };
const dateTime: RuleMeaning = { type: 'string', keywords: { format: 'date-time' } };

// All rules of class-validator that only a string satisfies and that JSON Schema cannot express.
const stringRules =
  `IsFirebasePushId isAlpha isAlphanumeric isAscii isBIC isBase32 isBase58 isBase64 isBooleanString
  isBtcAddress isByteLength isCreditCard isCurrency isDataURI isDecimal isEAN isEthereumAddress isFullWidth isHSL isHalfWidth
  isHash isHexColor isHexadecimal isIBAN isISO31661Alpha2 isISO31661Alpha3 isISO31661Numeric isISO4217CurrencyCode isISO6391
  isISRC isISSN isIdentityCard isIsbn isIsin isJson isJwt isLatLong isLocale isLowercase isMacAddress isMagnetURI
  isMilitaryTime isMimeType isMobilePhone isMongoId isMultibyte isNumberString isOctal isPassportNumber isPhoneNumber isPort
  isPostalCode isRgbColor isSemVer isStrongPassword isSurrogatePair isTaxId isTimeZone isUppercase isVariableWidth
  notContains`.split(/\s+/);

const rules = new Map<string, (...args: never[]) => RuleMeaning>([
  ...stringRules.map((name) => [name, () => string] as const),
  ['isString', () => ({ type: 'string' })],
  ['isBoolean', () => ({ type: 'boolean' })],
  ['isInt', () => ({ type: 'integer' })],
  ['isNumber', (options) => numberMeaning(options)],
  ['min', (least) => bound('minimum', least)],
  ['max', (most) => bound('maximum', most)],
  ['isPositive', () => bound('exclusiveMinimum', 0)],
  ['isNegative', () => bound('exclusiveMaximum', 0)],
  ['isDivisibleBy', (divisor) => bound('multipleOf', divisor)],
  ['minLength', (least) => ({ type: 'string', keywords: numbers({ minLength: least }) })],
  ['maxLength', (most) => ({ type: 'string', keywords: numbers({ maxLength: most }) })],
  [
    'isLength',
    (least, most) => ({ type: 'string', keywords: numbers({ minLength: least, maxLength: most }) }),
  ],
  ['isEmail', () => ({ type: 'string', keywords: { format: 'email' } })],
  ['isUrl', () => ({ type: 'string', keywords: { format: 'uri' } })],
  ['isFqdn', () => ({ type: 'string', keywords: { format: 'hostname' }, isWorded: true })],
  ['isUuid', (version) => uuidMeaning(version)],
  ['isIp', (version) => ipMeaning(version)],
  ['isIso8601', () => dateTime],
  ['isDateString', () => dateTime],
  ['isRFC3339', () => dateTime],
  ['matches', (pattern, modifiers) => patternMeaning(pattern, modifiers)],
  ['contains', (seed: string) => ({ type: 'string', keywords: { pattern: escaped(seed) } })],
  ['equals', (value) => listMeaning([value])],
  ['isIn', (values) => listMeaning(values)],
  ['isEnum', (entity: unknown, values?: unknown) => listMeaning(values ?? enumValues(entity))],
  ['isArray', () => ({ type: 'array' })],
  ['arrayNotEmpty', () => ({ type: 'array', keywords: { minItems: 1 } })],
  ['arrayMinSize', (least) => ({ type: 'array', keywords: numbers({ minItems: least }) })],
  ['arrayMaxSize', (most) => ({ type: 'array', keywords: numbers({ maxItems: most }) })],
  ['arrayUnique', () => ({ type: 'array', keywords: { uniqueItems: true } })],
  ['arrayContains', () => ({ type: 'array', isWorded: true })],
  ['arrayNotContains', () => ({ type: 'array', isWorded: true })],
  ['isObject', () => ({ type: 'object' })],
  ['isNotEmptyObject', () => ({ type: 'object', isWorded: true })],
  ['isInstance', () => ({ type: 'object' })],
  ['isDate', () => noDate],
  ['minDate', () => noDate],
  ['maxDate', () => noDate],
]);

const noDate: RuleMeaning = {
  refusal: 'a Date is not JSON: use a string with @IsISO8601()',
};

/** Looks up a rule by name. An unknown rule is still checked locally; its message is given to the model. @internal */
export function meaningOf(rule: string, args: readonly unknown[]): RuleMeaning {
  return rules.get(rule)?.(...(args as never[])) ?? worded;
}

function bound(keyword: string, value: unknown): RuleMeaning {
  return { type: 'number', keywords: numbers({ [keyword]: value }) };
}

function numbers(bounds: Record<string, unknown>): Record<string, JsonValue> {
  const finite = Object.entries(bounds).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(finite) as Record<string, JsonValue>;
}

function numberMeaning(options?: { maxDecimalPlaces?: number }): RuleMeaning {
  const places = options?.maxDecimalPlaces;
  if (places === undefined) return { type: 'number' };
  return { type: 'number', says: `at most ${places} decimal places` };
}

function uuidMeaning(version?: string | number): RuleMeaning {
  const meaning = { type: 'string', keywords: { format: 'uuid' } } as const;
  return version === undefined || version === 'all'
    ? meaning
    : { ...meaning, says: `a UUID of version ${version}` };
}

function ipMeaning(version?: string | number): RuleMeaning {
  if (version === undefined) return string;
  return { type: 'string', keywords: { format: `ipv${version}` } };
}

function patternMeaning(pattern: RegExp | string, modifiers = ''): RuleMeaning {
  const { source, flags } =
    typeof pattern === 'string' ? { source: pattern, flags: modifiers } : pattern;
  // The flags that do not affect which strings match.
  return /^[dgu]*$/.test(flags)
    ? { type: 'string', keywords: { pattern: source } }
    : { type: 'string', says: `matches /${source}/${flags}` };
}

function listMeaning(values: unknown): RuleMeaning {
  const list = Array.isArray(values) ? (values as unknown[]) : [];
  const isJson = (value: unknown): value is JsonValue =>
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    Number.isFinite(value);
  const unwritable = list.find((value) => !isJson(value));
  if (list.length === 0) return { refusal: 'lists no value that JSON can represent' };
  if (unwritable !== undefined || list.includes(undefined))
    return { refusal: `allows a value (${typeof unwritable}) that JSON cannot represent` };
  return { keywords: { enum: [...new Set(list as JsonValue[])] } };
}

function enumValues(entity: unknown): unknown {
  if (typeof entity !== 'object' || entity === null) return [];
  // A numeric enum of TypeScript also maps its values to their names.
  return Object.entries(entity)
    .filter(([name]) => Number.isNaN(Number.parseInt(name)))
    .map(([, value]) => value as unknown);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
