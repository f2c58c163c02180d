export const eventStreamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  // The stream ends with its connection, so that a server that shuts down has none left.
  connection: 'close',
  // Otherwise nginx buffers the events.
  'x-accel-buffering': 'no',
};
