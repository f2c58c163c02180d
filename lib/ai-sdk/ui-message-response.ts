import type { Turn } from '../turn/turn.js';
import { eventStreamResponse } from './event-stream.js';
import { toUIMessageStream, type UIMessageStreamOptions } from './ui-message-stream.js';

/**
 * The response to a request of `useChat` that a turn is: {@link toUIMessageStream} as server-sent events. The turn is interrupted
 * when the client disconnects, which the stop button of `useChat` does; {@link ChatTurns} keeps turns that go on then.
 *
 * @example
 * ```ts
 * const post = async (request: Request): Promise<Response> => {
 *   const { messages } = (await request.json()) as { messages: CodexUIMessage[] };
 *   const [part] = messages.at(-1)?.parts ?? [];
 *   return toUIMessageStreamResponse(thread.runStreamed(part?.type === 'text' ? part.text : ''));
 * };
 * ```
 *
 * @throws `CodexError` `already-read` when the events of the turn were asked for before
 */
export function toUIMessageStreamResponse(
  turn: Turn<unknown>,
  options: UIMessageStreamOptions = {},
): Response {
  return eventStreamResponse(toUIMessageStream(turn, options));
}
