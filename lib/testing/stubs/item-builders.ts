import type {
  FileUpdateChange,
  JsonValue,
  MessagePhase,
  ThreadItem,
} from '../../protocol/index.js';
import { frozen } from '../../validation.js';

/** What a builder of an item may be given besides what the item says. */
export interface ItemProps {
  /** The item's id. Each builder has one of its own, such as `msg_1`; two items of a turn need two. */
  readonly id?: string;
}

/** What an {@link agentMessage} may be given besides its text. */
export interface AgentMessageProps extends ItemProps {
  /** Whether it is commentary on the way or the answer. Defaults to null: the model does not say. */
  readonly phase?: MessagePhase | null;
}

/** What a {@link commandExecution} may be given besides the command. */
export interface CommandExecutionProps extends ItemProps {
  /** What it printed. Defaults to nothing. */
  readonly output?: string;
  /** Defaults to 0; with another one it failed. */
  readonly exitCode?: number | null;
  /** Defaults to `completed` or `failed`, as the exit code says. */
  readonly status?: 'inProgress' | 'completed' | 'failed' | 'declined';
  /** Where it ran. Defaults to `/project`. */
  readonly workingDirectory?: string;
}

/** What a {@link fileChange} may be given besides the changes. */
export interface FileChangeProps extends ItemProps {
  /** Defaults to `completed`. */
  readonly status?: 'inProgress' | 'completed' | 'failed' | 'declined';
}

/** What a {@link toolCall} may be given besides the tool's name. */
export interface ToolCallProps extends ItemProps {
  /** What the model passed. Defaults to an empty object. */
  readonly arguments?: JsonValue;
  /** What the tool said. Defaults to an empty text. */
  readonly output?: string;
  /** Defaults to `true`. */
  readonly success?: boolean;
}

/** A message of the agent. */
export function agentMessage(text: string, props: AgentMessageProps = {}): ThreadItem {
  const { id = 'msg_1', phase = null } = props;
  return frozen({
    type: 'agentMessage',
    id,
    text,
    phase,
    moderation: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  });
}

/** What the user said. */
export function userMessage(text: string, { id = 'user_1' }: ItemProps = {}): ThreadItem {
  const content = [{ type: 'text' as const, text, text_elements: [] }];
  return frozen({ type: 'userMessage', id, clientId: null, content });
}

/** What the model thought. */
export function reasoning(summary: string, { id = 'rs_1' }: ItemProps = {}): ThreadItem {
  return frozen({ type: 'reasoning', id, summary: [summary], content: [] });
}

/** A command that ran to its end. */
export function commandExecution(command: string, props: CommandExecutionProps = {}): ThreadItem {
  const { exitCode = 0, status = exitCode === 0 ? 'completed' : 'failed' } = props;
  return frozen({
    type: 'commandExecution',
    id: props.id ?? 'call_1',
    pluginId: null,
    scriptPath: null,
    command,
    cwd: props.workingDirectory ?? '/project',
    processId: null,
    source: 'unifiedExecStartup',
    status,
    commandActions: [{ type: 'unknown', command }],
    aggregatedOutput: props.output ?? '',
    exitCode,
    durationMs: 100,
  });
}

/** A change of files. */
export function fileChange(
  changes: readonly FileUpdateChange[],
  { id = 'patch_1', status = 'completed' }: FileChangeProps = {},
): ThreadItem {
  return frozen({ type: 'fileChange', id, changes: [...changes], status });
}

/** A call of one of the client's own tools. */
export function toolCall(tool: string, props: ToolCallProps = {}): ThreadItem {
  const { success = true, output = '' } = props;
  return frozen({
    type: 'dynamicToolCall',
    id: props.id ?? 'tool_1',
    namespace: null,
    tool,
    arguments: props.arguments ?? {},
    status: success ? 'completed' : 'failed',
    contentItems: [{ type: 'inputText', text: output }],
    success,
    durationMs: 100,
  });
}
