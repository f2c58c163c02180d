import { timers } from '../timers.js';
import type { CodexUIMessageChunk } from './ui-message.js';

/** The headers of a UI message stream response, as in the AI SDK. */
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-vercel-ai-ui-message-stream': 'v1',
  // Otherwise nginx would buffer the response.
  'x-accel-buffering': 'no',
};

/** A command may run for minutes without output, and proxies close idle connections. */
const keepAliveMs = 15_000;

/** Returns a response of server-sent events, one for each chunk. Cancelling its body cancels the stream. */
export function eventStreamResponse(stream: ReadableStream<CodexUIMessageChunk>): Response {
  return new Response(eventStream(stream), { headers });
}

function eventStream(chunks: ReadableStream<CodexUIMessageChunk>): ReadableStream<Uint8Array> {
  const reader = chunks.getReader();
  const encoder = new TextEncoder();
  let alive: NodeJS.Timeout | undefined;
  return new globalThis.ReadableStream<Uint8Array>({
    start(controller) {
      alive = timers.setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0)
          controller.enqueue(encoder.encode(': keep-alive\n\n'));
      }, keepAliveMs);
      alive.unref();
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      const data = done ? '[DONE]' : JSON.stringify(value);
      controller.enqueue(encoder.encode(`data: ${data}\n\n`));
      if (!done) return;
      timers.clearInterval(alive);
      controller.close();
    },
    async cancel(reason) {
      timers.clearInterval(alive);
      await reader.cancel(reason);
    },
  });
}
