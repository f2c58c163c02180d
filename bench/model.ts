import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

// The model as a separate process, so that its CPU time is not counted for any contender. The first folder of the path
// selects the answer: `answer`, `deltas-COUNT`, or `stream`, which takes two seconds.

const completed = (text: string): string[] => [
  event('response.output_text.done', { item_id: 'msg_1', output_index: 0, content_index: 0, text }),
  event('response.output_item.done', { output_index: 0, item: message('completed', text) }),
  event('response.completed', {
    response: {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      error: null,
      output: [message('completed', text)],
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 15,
      },
    },
  }),
];

const begun = [
  event('response.created', {
    response: { id: 'resp_1', object: 'response', status: 'in_progress' },
  }),
  event('response.output_item.added', { output_index: 0, item: message('in_progress', '') }),
];

const ready = new Map<string, Buffer>();

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function message(status: string, text: string): object {
  const content = text === '' ? [] : [{ type: 'output_text', text, annotations: [] }];
  return { type: 'message', id: 'msg_1', role: 'assistant', status, content };
}

function delta(text: string): string {
  return event('response.output_text.delta', {
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: text,
  });
}

/** The whole answer in this number of deltas, written once for all requests. */
function answerIn(count: number): Buffer {
  const words = Array.from({ length: count }, (_, index) => `word ${index} `);
  return Buffer.from([...begun, ...words.map(delta), ...completed(words.join(''))].join(''));
}

function answerTo(script: string): Buffer {
  const known = ready.get(script) ?? answerIn(Number(/^deltas-(\d+)$/.exec(script)?.[1] ?? 3));
  ready.set(script, known);
  return known;
}

async function stream(response: ServerResponse): Promise<void> {
  const words = Array.from({ length: 20 }, (_, index) => `word ${index} `);
  response.write(begun.join(''));
  for (const word of words) {
    response.write(delta(word));
    await delay(100);
  }
  response.end(completed(words.join('')).join(''));
}

const server = createServer((request, response) => {
  const [, script = ''] = (request.url ?? '').split('/');
  request.resume().on('end', () => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"models":[]}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (script === 'stream') void stream(response);
    else response.end(answerTo(script));
  });
});
// Otherwise a connection closed while idle makes the next request fail at random.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => {
  process.exit();
});
