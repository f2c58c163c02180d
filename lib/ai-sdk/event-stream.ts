import { timers } from '../timers.js';

/** The form of an event stream. */
export interface EventStreamForm {
  /** The headers that the protocol adds. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The data of the last event, or null if the stream just ends. */
  readonly end: string | null;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  // Otherwise nginx would buffer the response.
  'x-accel-buffering': 'no',
};

/** A command may run for minutes without output, and proxies close idle connections. */
const keepAliveMs = 15_000;

/** Returns a response of server-sent events, one for each chunk. Cancelling its body cancels the stream. */
export function eventStreamResponse(
  stream: ReadableStream<unknown>,
  { headers: added, end }: EventStreamForm,
): Response {
  return new Response(eventStream(stream, end), { headers: { ...headers, ...added } });
}

function eventStream(
  chunks: ReadableStream<unknown>,
  end: string | null,
): ReadableStream<Uint8Array> {
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
      const data = done ? end : JSON.stringify(value);
      if (data !== null) controller.enqueue(encoder.encode(`data: ${data}\n\n`));
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
