import type { CodexErrorInfo, TurnError } from '../../protocol/index.js';
import type { TurnEvents } from '../../turn/turn-events.js';
import { approvalReport, commandRequest } from './approval-builders.js';
import { item } from './item-builder.js';
import { stubThreadId, stubTurnId, turnUsage } from './turn-result-builder.js';

/**
 * Builds an event of a turn, for a {@link stubThread}. Unspecified properties have default values; item ids match those
 * of {@link item}.
 *
 * @example
 * ```ts
 * const events = [
 *   event('command.output', { text: '3 failed' }),
 *   event('text.delta', { text: 'Three ' }),
 *   event('text.delta', { text: 'tests.' }),
 * ];
 * const { thread } = stubThread({ turns: [{ events, outcome: 'Three tests.' }] });
 *
 * for await (const event of thread.runStreamed('How many?')) {
 *   if (event.type === 'command.output') console.log(event.text); // 3 failed
 *   if (event.type === 'turn.completed') console.log(event.usage?.totalTokens); // 15
 * }
 * ```
 */
export function event<Type extends keyof TurnEvents>(
  type: Type,
  props: Partial<Omit<TurnEvents[Type], 'type'>> = {},
): TurnEvents[Type] {
  return { type, ...usual[type](props), ...props } as TurnEvents[Type];
}

/** The error object of codex-rs. */
export function turnError(
  message: string,
  codexErrorInfo: CodexErrorInfo | null = null,
): TurnError {
  return { message, codexErrorInfo, additionalDetails: null, misalignment: null };
}

type Props<Type extends keyof TurnEvents> = Omit<TurnEvents[Type], 'type'>;

const message = (): Props<'text.delta'> => ({ itemId: 'msg_1', text: '', phase: null });
const changedItem = (): Props<'item.completed'> => ({ item: item('agentMessage') });

/** The default values of every event; some depend on others. */
const usual: {
  readonly [Type in keyof TurnEvents]: (props: Partial<Props<Type>>) => Props<Type>;
} = {
  'thread.started': () => ({ threadId: stubThreadId }),
  'turn.started': () => ({ threadId: stubThreadId, turnId: stubTurnId }),
  'turn.completed': () => ({ turnId: stubTurnId, usage: turnUsage() }),
  'turn.failed': () => ({ turnId: stubTurnId, error: turnError('It failed.') }),
  'turn.interrupted': () => ({ turnId: stubTurnId }),
  'turn.retrying': ({ error = turnError('Reconnecting... 1/5') }) => ({
    message: error.message,
    error,
  }),
  'item.started': changedItem,
  'item.updated': changedItem,
  'item.completed': changedItem,
  'text.delta': message,
  'text.replaced': message,
  'reasoning.delta': () => ({ itemId: 'rs_1', text: '', part: 'summary', index: 0 }),
  'command.output': () => ({ itemId: 'call_1', text: '' }),
  'command.replaced': () => ({ itemId: 'call_1', text: '' }),
  'turn.diff': () => ({ diff: '' }),
  'plan.updated': () => ({ explanation: null, plan: [] }),
  'usage.updated': ({ usage = turnUsage() }) => ({ usage, threadUsage: usage }),
  warning: () => ({ message: 'Careful.' }),
  'connection.lost': () => ({ message: 'The connection was lost.' }),
  'connection.restored': () => ({ lostMs: 100 }),
  'mcp.updated': () => ({ server: 'server', status: 'ready', error: null }),
  'approval.requested': () => ({ request: commandRequest('ls') }),
  'approval.resolved': () => ({ report: approvalReport() }),
  'subagent.event': () => ({
    threadId: '00000000-0000-7000-8000-000000000003',
    method: 'item/completed',
    params: {},
  }),
  unknown: () => ({ method: 'unknown', params: {} }),
};
