import type { ValidationProblem } from '../errors.js';
import {
  branchesOf,
  isSchemaNode,
  namedSchemas,
  propertyPath,
  resolveReference,
  type SchemaNode,
} from './schema-node.js';
import { isRegularExpression, notPermitted } from './strict-rules.js';

// Not valid in strict mode, but allowed for tools: the model gets them in words or as anyOf, and they are checked
// locally.
const permitted = [
  'oneOf',
  'uniqueItems',
  'default',
  'propertyNames',
  'minProperties',
  'maxProperties',
];

/**
 * Finds everything in a tool's input schema that codex-rs would hide from the model: it silently removes `allOf`,
 * `not`, `if` and others, and treats the rest as a string.
 *
 * @internal
 */
export function toolSchemaProblems(root: SchemaNode): readonly ValidationProblem[] {
  const problems: ValidationProblem[] = [];
  const report = (path: string, reason: string): void => {
    problems.push({ path, reason });
  };
  const visit = (node: unknown, path: string): void => {
    if (!isSchemaNode(node)) return;
    const { $ref, pattern, items, oneOf, additionalProperties } = node;
    for (const [keyword, instead] of Object.entries(notPermitted))
      if (node[keyword] !== undefined && !permitted.includes(keyword))
        report(path, `has ${keyword}, which codex-rs does not pass to the model: ${instead}`);
    if ($ref !== undefined && resolveReference(root, $ref) === null)
      report(
        path,
        `has $ref ${JSON.stringify($ref)}, which is neither # nor one of its definitions`,
      );
    if (pattern !== undefined && !isRegularExpression(pattern))
      report(path, `has the pattern ${JSON.stringify(pattern)}, which is not a regular expression`);
    branchesOf(node).forEach((branch) => {
      visit(branch, path);
    });
    branchesOf({ anyOf: oneOf }).forEach((branch) => {
      visit(branch, path);
    });
    visit(items, `${path}[]`);
    visit(additionalProperties, `${path}{}`);
    for (const [name, schema] of namedSchemas(node.properties))
      visit(schema, propertyPath(path, name));
    for (const keyword of ['$defs', 'definitions'])
      for (const [name, schema] of namedSchemas(node[keyword]))
        visit(schema, propertyPath(path, `${keyword}.${name}`));
  };
  if (root.type !== 'object')
    report('', 'must have an object as its root: wrap the value in a property');
  visit(root, '');
  return problems;
}
