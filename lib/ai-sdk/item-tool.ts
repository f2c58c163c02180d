import type { DynamicToolCallOutputContentItem, ThreadItem } from '../protocol/index.js';

/** The tool call for a thread item. */
export interface ItemTool {
  /** The id of the item. */
  readonly toolCallId: string;
  /** The key of `CodexUITools`, or the name of a tool of an MCP server or of the thread. */
  readonly toolName: string;
  /** Whether the tool belongs to an MCP server or to the thread. */
  readonly isDynamic: boolean;
  /** The input, as JSON. */
  readonly input: unknown;
}

/** The progress of a tool call. */
export type ToolOutcome =
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly output: unknown }
  | { readonly state: 'failed'; readonly errorText: string }
  | { readonly state: 'denied' };

/** The outcome of a tool call that does not go on. */
export type EndedOutcome = Exclude<ToolOutcome, { readonly state: 'running' }>;

type Item<Type extends ThreadItem['type']> = Extract<ThreadItem, { type: Type }>;

/** Returns the tool call for an item, or null if the item is not one. */
export function toolOf(item: ThreadItem): ItemTool | null {
  const call = (toolName: string, input: unknown, isDynamic = false): ItemTool => ({
    toolCallId: item.id,
    toolName,
    isDynamic,
    input,
  });
  switch (item.type) {
    case 'commandExecution':
      return call('command', { command: item.command, workingDirectory: item.cwd });
    case 'fileChange':
      return call('fileChange', { changes: item.changes });
    case 'webSearch':
      return call('webSearch', { query: item.query });
    case 'imageView':
      return call('imageView', { path: item.path });
    case 'collabAgentToolCall': {
      const { tool: verb, prompt, receiverThreadIds: threadIds } = item;
      return call('subagent', { verb, prompt, threadIds });
    }
    case 'mcpToolCall':
      return call(`${item.server}.${item.tool}`, item.arguments, true);
    case 'dynamicToolCall': {
      const name = item.namespace === null ? item.tool : `${item.namespace}.${item.tool}`;
      return call(name, item.arguments, true);
    }
    default:
      return null;
  }
}

/** Returns the progress of the tool call for an item. An item without a status is done. */
export function outcomeOf(item: ThreadItem): ToolOutcome {
  if ('status' in item && item.status === 'inProgress') return { state: 'running' };
  if ('status' in item && item.status === 'declined') return { state: 'denied' };
  switch (item.type) {
    case 'commandExecution':
      return commandOutcome(item);
    case 'fileChange':
      return item.status === 'failed'
        ? { state: 'failed', errorText: 'The changes could not be applied.' }
        : { state: 'done', output: { changes: item.changes } };
    case 'webSearch':
      return { state: 'done', output: { results: item.results ?? null } };
    case 'collabAgentToolCall':
      return item.status === 'completed'
        ? { state: 'done', output: { agents: item.agentsStates } }
        : { state: 'failed', errorText: `The call ended with the status ${item.status}.` };
    case 'mcpToolCall':
      return item.error === null
        ? { state: 'done', output: item.result }
        : { state: 'failed', errorText: item.error.message };
    case 'dynamicToolCall': {
      const output = contentOf(item.contentItems ?? []);
      return item.success === false
        ? { state: 'failed', errorText: typeof output === 'string' ? output : 'The tool failed.' }
        : { state: 'done', output };
    }
    default:
      return { state: 'done', output: null };
  }
}

/** Returns the outcome of the tool call for an item of an ended turn, or for a completed item. */
export function endedOutcomeOf(item: ThreadItem): EndedOutcome {
  const outcome = outcomeOf(item);
  return outcome.state === 'running'
    ? { state: 'failed', errorText: 'The call did not complete.' }
    : outcome;
}

/** A completed command is done, regardless of its exit code. */
function commandOutcome(item: Item<'commandExecution'>): ToolOutcome {
  const { aggregatedOutput, exitCode, durationMs, status } = item;
  const output = aggregatedOutput ?? '';
  if (status === 'failed' && exitCode === null)
    return { state: 'failed', errorText: output === '' ? 'The command did not complete.' : output };
  return { state: 'done', output: { output, exitCode, durationMs } };
}

/** Returns the content from a tool of the thread. A single text is returned as a string. */
function contentOf(content: readonly DynamicToolCallOutputContentItem[]): unknown {
  const [first] = content;
  return content.length === 1 && first?.type === 'inputText' ? first.text : content;
}
