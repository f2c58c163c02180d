// A service whose users decide about the actions of the agent:
//   POST /threads {prompt}               runs a turn, and responds when it has ended
//   GET  /approvals                      lists the pending approvals
//   POST /approvals/ID {"decision": "allow", "reason": "…"}   decides an approval
// Then the program plays two users of the service, and stops.
//
// npm run example approvals-service
// npm run example approvals-service -- --live    with your own key or login
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Codex, CodexError, QueuedApprovals } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

await using place = await LiveOrScripted.start(
  ScriptedReply.shellCommand('echo deployed', { escalated: true, justification: 'To deploy.' }),
  ScriptedReply.message('It is deployed.'),
);

using approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
// This program exits by itself. In a server, `await using` here would close the client at the end of the module.
await using codex = new Codex({ ...place.options, approvals });

async function answer(
  method: string,
  path: string,
  body: Record<string, unknown>,
): Promise<unknown> {
  const [, collection, id] = path.split('/');
  if (method === 'POST' && collection === 'threads') {
    const thread = codex.startThread({ sandboxMode: 'read-only', approvalPolicy: 'on-request' });
    const { threadId, finalResponse } = await thread.run(String(body.prompt));
    return { threadId, finalResponse };
  }
  if (method === 'GET' && collection === 'approvals') return approvals.pending();
  if (method === 'POST' && collection === 'approvals' && id !== undefined) {
    // The queue validates the decision: it rejects an invalid or a second one.
    approvals.decide(id, body);
    return { decided: id };
  }
  throw new CodexError(`There is no ${method} ${path}.`, { code: 'not-found' });
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
    const result = await answer(request.method ?? 'GET', request.url ?? '/', body);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  } catch (error) {
    const isOurs = CodexError.is(error);
    response.writeHead(isOurs ? 409 : 500).end(JSON.stringify(isOurs ? error : 'failed'));
  }
}

const server = createServer((request, response) => void serve(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

// Two users of the service: one requests work, the other decides.
async function call(path: string, body?: object): Promise<unknown> {
  const init = body && { method: 'POST', body: JSON.stringify(body) };
  return (await fetch(url + path, init)).json();
}

const work = call('/threads', { prompt: 'Deploy it, with a command outside the sandbox.' });
for await (const { id } of approvals) {
  const waiting = (await call('/approvals')) as readonly { request: { justification: string } }[];
  console.log(`Pending approval: ${waiting[0]?.request.justification ?? '?'}`);
  await call(`/approvals/${id}`, { decision: 'allow', reason: 'decided by Ann' });
  break;
}
console.log(((await work) as { finalResponse: string }).finalResponse);
server.close();
