import type { ValidationError as Finding } from 'class-validator';
import type { ValidationProblem } from '../errors.js';
import { shown } from './json.js';
import { propertyPath } from './schema-node.js';

/**
 * Flattens the errors of class-validator: one problem for each violated rule, with its path and the value.
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
      reason: rule === 'whitelistValidation' ? 'is unknown' : reasonOf(message, property, value),
    }));
    return [...own, ...problemsOf(children, at, Array.isArray(value))];
  });
}

function reasonOf(message: string, property: string, value: unknown): string {
  // The path already contains the name of the property.
  const reason = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return `${reason}, got ${shown(value)}`;
}
