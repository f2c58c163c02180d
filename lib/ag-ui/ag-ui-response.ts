import { eventStreamResponse } from '../ai-sdk/event-stream.js';
import type { Turn } from '../turn/turn.js';
import { toAgUiStream, type AgUiOptions } from './ag-ui-stream.js';

/**
 * Returns a turn as the response to a `RunAgentInput`: {@link toAgUiStream} as server-sent events, as `HttpAgent` of
 * `@ag-ui/client` reads them. The turn is interrupted when the client disconnects.
 *
 * @example
 * ```ts
 * const post = async (request: Request): Promise<Response> => {
 *   const run = (await request.json()) as RunAgentInput;
 *   const { content } = run.messages.findLast(({ role }) => role === 'user') ?? {};
 *   const input = typeof content === 'string' ? content : '';
 *   return toAgUiResponse(thread.runStreamed(input), { run });
 * };
 * ```
 *
 * @throws `CodexError` `already-read` if the events of the turn were already requested
 */
export function toAgUiResponse(turn: Turn<unknown>, options: AgUiOptions = {}): Response {
  return eventStreamResponse(toAgUiStream(turn, options), { end: null });
}
