// Types under the names that the official SDK, `@openai/codex-sdk`, exports.
import type * as protocol from '../protocol/index.js';
import type { TurnEvent, TurnEvents } from './turn-events.js';
import type { TurnUsage } from './usage.js';

/** A thread item in wire format, discriminated by `type`. */
export type ThreadItem = protocol.ThreadItem;

/** A message of the model. */
export type AgentMessageItem = Extract<ThreadItem, Record<'type', 'agentMessage'>>;

/** The model's reasoning, as a summary or in full. */
export type ReasoningItem = Extract<ThreadItem, Record<'type', 'reasoning'>>;

/** A command that the agent ran. */
export type CommandExecutionItem = Extract<ThreadItem, Record<'type', 'commandExecution'>>;

/** Files that the agent changed. */
export type FileChangeItem = Extract<ThreadItem, Record<'type', 'fileChange'>>;

/** A call of an MCP tool. */
export type McpToolCallItem = Extract<ThreadItem, Record<'type', 'mcpToolCall'>>;

/** A web search. */
export type WebSearchItem = Extract<ThreadItem, Record<'type', 'webSearch'>>;

/** The plan of the model: codex-rs reports it as an event, not as an item. */
export type TodoListItem = TurnEvents['plan.updated'];

/** A warning of codex-rs: it reports these as events, not as items. */
export type ErrorItem = TurnEvents['warning'];

/** A {@link TurnEvent}, under the name of the official SDK. */
export type ThreadEvent = TurnEvent;

/** The thread has an id now. */
export type ThreadStartedEvent = TurnEvents['thread.started'];

/** codex-rs accepted the turn. */
export type TurnStartedEvent = TurnEvents['turn.started'];

/** The turn completed. */
export type TurnCompletedEvent = TurnEvents['turn.completed'];

/** The turn failed. */
export type TurnFailedEvent = TurnEvents['turn.failed'];

/** The event that ends a stream with an error: the same event as {@link TurnFailedEvent}, before the iteration throws. */
export type ThreadErrorEvent = TurnEvents['turn.failed'];

/** The error of a turn as reported by codex-rs. */
export type ThreadError = TurnEvents['turn.failed']['error'];

/** An item began. */
export type ItemStartedEvent = TurnEvents['item.started'];

/** An item changed. */
export type ItemUpdatedEvent = TurnEvents['item.updated'];

/** An item is done. */
export type ItemCompletedEvent = TurnEvents['item.completed'];

/** A {@link TurnUsage}, under the name of the official SDK. */
export type Usage = TurnUsage;
