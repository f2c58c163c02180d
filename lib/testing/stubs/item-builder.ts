import type { ThreadItem } from '../../protocol/index.js';
import { frozen } from '../../validation.js';

/** The item of a type, as in the protocol. */
export type ItemOf<Type extends ThreadItem['type']> = Extract<ThreadItem, Record<'type', Type>>;

/** The item types that {@link item} supports. */
export type BuiltItemType =
  | 'agentMessage'
  | 'userMessage'
  | 'reasoning'
  | 'commandExecution'
  | 'fileChange'
  | 'dynamicToolCall';

/**
 * Builds a completed item of a turn. Unspecified properties have default values; the status of a command or a tool call
 * is derived from its `exitCode` or `success`.
 *
 * @example
 * ```ts
 * const command = item('commandExecution', { command: 'npm test', exitCode: 1 });
 * const answer = item('agentMessage', { text: 'A test fails.' });
 * const { thread } = stubThread({ turns: [turnResult({ items: [command, answer] })] });
 *
 * const turn = await thread.run('Why is the build red?');
 * console.log(command.status, turn.finalResponse); // failed A test fails.
 * ```
 */
export function item<Type extends BuiltItemType>(
  type: Type,
  props: Partial<Omit<ItemOf<Type>, 'type'>> = {},
): ItemOf<Type> {
  return frozen({ type, ...usual[type](props), ...props } as ItemOf<Type>);
}

type Props<Type extends BuiltItemType> = Omit<ItemOf<Type>, 'type'>;

const usual: { readonly [Type in BuiltItemType]: (props: Partial<Props<Type>>) => Props<Type> } = {
  agentMessage: () => ({
    id: 'msg_1',
    text: '',
    phase: null,
    moderation: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  }),
  userMessage: () => ({ id: 'user_1', clientId: null, content: [] }),
  reasoning: () => ({ id: 'rs_1', summary: [], content: [] }),
  commandExecution: ({ command = 'true', exitCode = 0 }) => ({
    id: 'call_1',
    pluginId: null,
    scriptPath: null,
    command,
    cwd: '/project',
    processId: null,
    source: 'unifiedExecStartup',
    status: exitCode === 0 ? 'completed' : 'failed',
    commandActions: [{ type: 'unknown', command }],
    aggregatedOutput: '',
    exitCode,
    durationMs: 100,
  }),
  fileChange: () => ({ id: 'patch_1', changes: [], status: 'completed' }),
  dynamicToolCall: ({ success = true }) => ({
    id: 'tool_1',
    namespace: null,
    tool: 'tool',
    arguments: {},
    status: success === false ? 'failed' : 'completed',
    contentItems: [],
    success,
    durationMs: 100,
  }),
};
