import { getMetadataStorage } from 'class-validator';
import type { OutputClass } from './output-format.js';

/** One class-validator decorator on a property, as stored by class-validator. @internal */
export type RuleMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

/** How a property may be omitted: `null` then represents its absence, or is a separate value. @internal */
export type Presence = 'required' | 'optional' | 'nullable';

/**
 * The decorators of a class and its superclasses, by property, starting with the topmost class: exactly those that
 * `validateSync` applies. class-validator stores them on the global object, so decorators from the user's own copy are
 * included.
 *
 * @internal
 */
export function rulesOf(type: OutputClass): ReadonlyMap<string, readonly RuleMetadata[]> {
  const all = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const depth = ({ target }: RuleMetadata): number => ancestors(type).indexOf(target);
  const byProperty = new Map<string, RuleMetadata[]>();
  for (const rule of [...all].sort((a, b) => depth(b) - depth(a)))
    // Decorators run from the bottom up; the author's order is from the top down.
    byProperty.set(rule.propertyName, [rule, ...(byProperty.get(rule.propertyName) ?? [])]);
  return byProperty;
}

/**
 * The registered name of a rule, such as `isEmail`, and whether it is asynchronous. Older copies of class-validator
 * store the name only in the constraint.
 *
 * @internal
 */
export function constraintOf(rule: RuleMetadata): {
  readonly name: string;
  readonly isAsync: boolean;
} {
  const [constraint] = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  return { name: rule.name ?? constraint?.name ?? '', isAsync: constraint?.async === true };
}

/** The arguments of a rule. A rule without arguments has no list, contrary to its type. @internal */
export function argumentsOf(rule: RuleMetadata): unknown[] {
  return (rule.constraints as unknown[] | undefined) ?? [];
}

/** The message of a rule without a value, such as `code must be an IBAN`. @internal */
export function ruleMessage(rule: RuleMetadata, type: OutputClass): string {
  const { propertyName: property } = rule;
  const constraints = argumentsOf(rule);
  const args = { property, constraints, value: undefined, object: {}, targetName: type.name };
  const [constraint] = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  try {
    const own =
      typeof rule.message === 'function'
        ? rule.message(args)
        : (rule.message as string | undefined);
    const message = constraint?.instance.defaultMessage?.(args) ?? '';
    return (message === '' ? (own ?? '') : message)
      .replace(/\$constraint(\d+)/g, (_, index) => String(constraints[Number(index) - 1]))
      .replaceAll('$property', property)
      .replaceAll('$target', type.name)
      .replaceAll('$value', 'the value');
  } catch {
    // A message that needs the value cannot be used beforehand; the rule is still enforced.
    return '';
  }
}

/**
 * The effect of `@IsOptional()` and `@ValidateIf()` on a property, or null if it depends on more than the presence of
 * the value. The conditions are executed, because older copies of class-validator do not name `@IsOptional()`.
 *
 * @internal
 */
export function presenceOf(rules: readonly RuleMetadata[]): Presence | null {
  const conditions = rules.filter(({ type }) => type === 'conditionalValidation');
  if (conditions.length === 0) return 'required';
  const applies = (value: unknown): boolean =>
    conditions.every((rule) => {
      const object = new Proxy(
        { [rule.propertyName]: value },
        {
          get: (target, key) => {
            if (key !== rule.propertyName) throw new Error('depends on another property');
            return target[rule.propertyName];
          },
        },
      );
      const condition = rule.constraints[0] as (object: unknown, value: unknown) => unknown;
      return Boolean(condition(object, value));
    });
  try {
    const samples = ['', 'text', 0, 1, false, true, [], {}];
    if (!samples.every(applies)) return null;
    if (!applies(undefined)) return 'optional';
    return applies(null) ? 'required' : 'nullable';
  } catch {
    return null;
  }
}

/** The type that TypeScript emitted for a property under `emitDecoratorMetadata`, or undefined. @internal */
export function emittedType(type: OutputClass, property: string): unknown {
  const reflect: { getMetadata?: (key: string, target: object, property: string) => unknown } =
    Reflect;
  return reflect.getMetadata?.('design:type', type.prototype as object, property);
}

function ancestors(type: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let owner = type; typeof owner === 'function'; owner = Object.getPrototypeOf(owner))
    chain.push(owner);
  return chain;
}
