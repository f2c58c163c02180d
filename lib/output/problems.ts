import type { ValidationError as Finding } from 'class-validator';
import type { ValidationProblem } from '../errors.js';
import { shown } from './json.js';
import { propertyPath } from './schema-node.js';

/**
 * The findings of class-validator as a flat list: one problem for each rule that was broken, with its place and the value.
 *
 * @internal
 */
export function problemsOf(
  findings: readonly Finding[],
  path = '',
  isArray = false,
): readonly ValidationProblem[] {
  return findings.flatMap((finding) => {
    const { property, constraints = {}, children = [] } = finding;
    const value: unknown = finding.value;
    const at = isArray ? `${path}[${property}]` : propertyPath(path, property);
    const own = Object.entries(constraints).map(([rule, message]) => ({
      path: at,
      reason:
        rule === 'whitelistValidation' ? 'is not asked for' : reasonOf(message, property, value),
    }));
    return [...own, ...problemsOf(children, at, Array.isArray(value))];
  });
}

function reasonOf(message: string, property: string, value: unknown): string {
  // The path names the property already.
  const reason = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return `${reason}, got ${shown(value)}`;
}
