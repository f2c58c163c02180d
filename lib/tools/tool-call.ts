import { CodexError } from '../errors.js';
import type { DynamicToolCallParams, DynamicToolCallResponse } from '../protocol/index.js';
import { Redactor } from '../redaction.js';
import { isError } from '../shapes.js';
import { timers } from '../timers.js';
import { within } from '../within.js';
import type { BoundTool } from './bound-tool.js';
import type { ToolContext } from './tool-context.js';
import type { ToolOutcome } from './tool-report.js';
import { contentOf } from './tool-result.js';

const credentials = new Redactor();

/** A call by the model. @internal */
export type ToolCall = Pick<DynamicToolCallParams, 'tool' | 'namespace' | 'arguments'>;

/** The outcome of a call, and the result for the model. @internal */
export interface ToolCallEnd {
  readonly outcome: ToolOutcome;
  readonly response: DynamicToolCallResponse;
  readonly error?: unknown;
}

/** Calls a tool. Any error becomes a failed call with a helpful text for the model; it never rejects. @internal */
export async function performed(
  tool: BoundTool,
  args: unknown,
  context: ToolContext,
): Promise<ToolCallEnd> {
  const { name } = tool;
  let result: unknown;
  try {
    const reading = tool.read(args);
    if (!reading.ok) return failed('invalid-arguments', refusal(name, reading.problems));
    result = await withinTime(tool, reading.value, context);
  } catch (error) {
    const { outcome, text } = explanation(name, error, context.signal);
    return failed(outcome, text, error);
  }
  try {
    return { outcome: 'completed', response: { contentItems: contentOf(result), success: true } };
  } catch (error) {
    const text = `${name} returned a result that cannot be sent: ${reasonOf(error)}.`;
    return failed('invalid-result', text, error);
  }
}

/** A failed call with a text for the model. @internal */
export function failed(outcome: ToolOutcome, text: string, error?: unknown): ToolCallEnd {
  const clean = credentials.redact(text);
  const response = { contentItems: [{ type: 'inputText', text: clean } as const], success: false };
  return { outcome, response, error };
}

/** Runs the method and aborts its signal when the result is no longer needed. */
async function withinTime(tool: BoundTool, input: object, given: ToolContext): Promise<unknown> {
  const { timeoutMs, name } = tool;
  const expiry = new AbortController();
  const timer =
    timeoutMs === Infinity
      ? undefined
      : timers.setTimeout(() => {
          expiry.abort(
            new CodexError(`${name} did not finish within ${timeoutMs} ms.`, {
              code: 'tool-timed-out',
            }),
          );
        }, timeoutMs);
  // The turn keeps the process alive while a result is needed.
  timer?.unref();
  const signal = AbortSignal.any([given.signal, expiry.signal]);
  try {
    signal.throwIfAborted();
    const context = Object.freeze({ ...given, labels: Object.freeze({ ...given.labels }), signal });
    return await within(tool.run(input, context), { signal });
  } finally {
    timers.clearTimeout(timer);
  }
}

function explanation(
  name: string,
  error: unknown,
  signal: AbortSignal,
): { readonly outcome: ToolOutcome; readonly text: string } {
  if (signal.aborted)
    return { outcome: 'stopped', text: `${name} was stopped because its turn ended.` };
  if (CodexError.is(error) && error.code === 'tool-timed-out')
    return { outcome: 'timed-out', text: `${error.message} It may have had effects.` };
  return { outcome: 'threw', text: `${name} failed: ${reasonOf(error)}` };
}

function refusal(
  name: string,
  problems: readonly { readonly path: string; readonly reason: string }[],
): string {
  const lines = problems.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
  return `The arguments of ${name} are not valid, so it was not called:\n  ${lines.join('\n  ')}`;
}

function reasonOf(error: unknown): string {
  if (isError(error)) return error.message === '' ? error.name : error.message;
  return typeof error === 'string' && error !== '' ? error : 'no reason given';
}
