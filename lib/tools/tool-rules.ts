import { ValidationError, type ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { longestTimerMs } from '../timers.js';
import { isReservedName, joined, shown } from '../validation.js';
import { nameOf } from './bound-tool.js';
import type { OutputClass } from '../output/output-format.js';
import { ToolInput } from '../output/tool-input.js';
import type { ToolInputSchema } from './tool-input-schema.js';
import type { ToolDeclaration } from './tool.js';

const callable = /^[a-zA-Z0-9_-]+$/;
// The limit of the model provider; codex-rs would pass on longer names.
const longestName = 64;

// codex 0.169.0 silently drops a dynamic tool with such a name, depending on the model and the features. It would offer
// `web_search` twice.
const codexOwn = [
  'apply_patch',
  'create_goal',
  'exec',
  'exec_command',
  'get_goal',
  'list_mcp_resource_templates',
  'list_mcp_resources',
  'read_mcp_resource',
  'request_permissions',
  'request_user_input',
  'tool_search',
  'update_goal',
  'view_image',
  'web_search',
  'write_stdin',
];

const noInput: ToolInputSchema = {
  schema: { type: 'object', properties: {}, additionalProperties: false },
  read: () => ({ ok: true, value: {} }),
};

/** All problems with the declaration of a tool, except those of its input. @internal */
export function objectionsTo(declaration: ToolDeclaration): readonly ValidationProblem[] {
  const { description, timeoutMs } = declaration as {
    readonly description?: unknown;
    readonly timeoutMs?: unknown;
  };
  const reasons = [objectionToName(nameOf(declaration))];
  if (typeof description !== 'string' || description.trim() === '')
    reasons.push(`the description must be a non-empty string, got ${shown(description)}`);
  if (timeoutMs !== undefined && timeoutMs !== Infinity && !isTimerLength(timeoutMs))
    reasons.push(
      `timeoutMs must be a number of milliseconds greater than 0 and at most ${longestTimerMs}, got ${shown(timeoutMs)}`,
    );
  return reasons.flatMap((reason) => (reason === undefined ? [] : [{ path: '', reason }]));
}

/** The input of a tool, or the reasons why it cannot be described to the model. @internal */
export function inputOf(
  declaration: ToolDeclaration,
): ToolInputSchema | readonly ValidationProblem[] {
  const input: unknown = declaration.input;
  if (input === undefined) return noInput;
  if (isSchema(input))
    return input.schema.type === 'object'
      ? input
      : [{ path: 'input', reason: 'must have a schema of type "object"' }];
  try {
    return ToolInput.of(input as OutputClass);
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    return error.problems.map(({ path, reason }) => ({ path: joined('input', path), reason }));
  }
}

function objectionToName(name: unknown): string | undefined {
  if (typeof name !== 'string' || !callable.test(name))
    return `the name of a tool may only contain letters, digits, "_" and "-", got ${shown(name)}`;
  if (name.length > longestName)
    return `the name of a tool may have at most ${longestName} characters, got ${name.length}`;
  if (isReservedName(name)) return `"${name}" is a reserved name`;
  if (codexOwn.includes(name))
    return `"${name}" is a built-in tool of codex-rs: choose another name`;
  return undefined;
}

function isSchema(input: unknown): input is ToolInputSchema {
  return (
    typeof input === 'object' &&
    input !== null &&
    'schema' in input &&
    isPlainObject(input.schema) &&
    'read' in input &&
    typeof input.read === 'function'
  );
}

function isTimerLength(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= longestTimerMs;
}
