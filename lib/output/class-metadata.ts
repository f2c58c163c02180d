import { getMetadataStorage } from 'class-validator';
import type { OutputClass } from './output-format.js';

/** One class-validator decorator on a property, as class-validator keeps it. @internal */
export type RuleMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

/** How a property may be left out: `null` then stands for its absence, or is a value of its own. @internal */
export type Presence = 'required' | 'optional' | 'nullable';

/**
 * The decorators of a class and the classes above it, by property, those of the topmost class first: exactly the ones that
 * `validateSync` applies. class-validator keeps them on the global object, so decorators of the user's own copy are here too.
 *
 * @internal
 */
export function rulesOf(type: OutputClass): ReadonlyMap<string, readonly RuleMetadata[]> {
  const all = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const depth = ({ target }: RuleMetadata): number => ancestors(type).indexOf(target);
  const byProperty = new Map<string, RuleMetadata[]>();
  for (const rule of [...all].sort((a, b) => depth(b) - depth(a)))
    // Decorators run from the bottom up; read from the top they say what the author means.
    byProperty.set(rule.propertyName, [rule, ...(byProperty.get(rule.propertyName) ?? [])]);
  return byProperty;
}

/**
 * The registered name of a rule, such as `isEmail`, and whether it answers later. Older copies of class-validator note the
 * name only with the constraint.
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

/** The arguments of a rule; a rule without any has none at all, whatever its type declares. @internal */
export function argumentsOf(rule: RuleMetadata): unknown[] {
  return (rule.constraints as unknown[] | undefined) ?? [];
}

/** The message a rule would give, without a value, such as `code must be an IBAN`. @internal */
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
    // A message that needs the value says nothing beforehand; the rule is enforced all the same.
    return '';
  }
}

/**
 * What `@IsOptional()` and `@ValidateIf()` on a property amount to, or null when they depend on anything but whether the
 * value is there. The conditions are tried out, since older copies of class-validator do not name `@IsOptional()`.
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
