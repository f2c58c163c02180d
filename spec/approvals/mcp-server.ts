// A real MCP server for specs: `pay` needs approval, `ask` is read-only and asks the user for a name. Given a file, it
// answers once that exists.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly protocolVersion?: string;
    readonly name?: string;
    readonly arguments?: { readonly amount?: number };
  };
  readonly result?: unknown;
}

const questions = new Map<number, (answer: unknown) => void>();

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

async function call({ name, arguments: given }: NonNullable<Message['params']>): Promise<string> {
  if (name === 'pay') return `paid ${given?.amount ?? ''}`;
  const id = questions.size;
  const answer = new Promise((resolve) => questions.set(id, resolve));
  const requestedSchema = {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
  };
  send({ id, method: 'elicitation/create', params: { message: 'Your name?', requestedSchema } });
  return JSON.stringify(await answer);
}

const tools = [
  { name: 'pay', description: 'pays', inputSchema: { type: 'object', properties: {} } },
  {
    name: 'ask',
    description: 'asks',
    annotations: { readOnlyHint: true },
    inputSchema: { type: 'object', properties: {} },
  },
];

async function answer({ method, params = {} }: Message): Promise<object> {
  if (method === 'initialize')
    return {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'bank', version: '1' },
    };
  if (method === 'tools/list') return { tools };
  if (method === 'tools/call') return { content: [{ type: 'text', text: await call(params) }] };
  return {};
}

const [, , gate] = process.argv;
while (gate !== undefined && !existsSync(gate)) await wait(10);

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message;
  const { id } = message;
  if (id === undefined) return;
  if (message.method === undefined) questions.get(id)?.(message.result);
  else
    void answer(message).then((result) => {
      send({ id, result });
    });
});
