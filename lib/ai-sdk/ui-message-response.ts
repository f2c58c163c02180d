import type { Turn } from '../turn/turn.js';
import { eventStreamResponse } from './event-stream.js';
import type { CodexUIMessageChunk } from './ui-message.js';
import { toUIMessageStream, type UIMessageStreamOptions } from './ui-message-stream.js';

/**
 * Returns a turn as the response to a request of `useChat`: {@link toUIMessageStream} as server-sent events. The turn
 * is interrupted when the client disconnects, for example by `stop()` of `useChat`. To continue turns without a client,
 * use {@link ChatTurns}.
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
 * @throws `CodexError` `already-read` if the events of the turn were already requested
 */
export function toUIMessageStreamResponse(
  turn: Turn<unknown>,
  options: UIMessageStreamOptions = {},
): Response {
  return uiMessageEvents(toUIMessageStream(turn, options));
}

/** Returns chunks as server-sent events, with the header and the end of the AI SDK. */
export function uiMessageEvents(stream: ReadableStream<CodexUIMessageChunk>): Response {
  return eventStreamResponse(stream, {
    headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
    end: '[DONE]',
  });
}
