// A web service about threads: see README.md.
// node .build/examples/web-service/server.js [express | fastify | hono] [--live]
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Codex, QueuedApprovals } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { LiveOrScripted } from '../live-or-scripted.js';
import { startExpress } from './express-server.js';
import { startFastify } from './fastify-server.js';
import { FileThreadBook } from './file-thread-book.js';
import { startHono } from './hono-server.js';
import { ThreadService } from './thread-service.js';

const starters = { express: startExpress, fastify: startFastify, hono: startHono };
const isFramework = (text: string): text is keyof typeof starters => text in starters;
const framework = process.argv.find(isFramework) ?? 'express';

const escalated = { escalated: true, justification: 'May I deploy it?' };
await using place = await LiveOrScripted.start(
  ScriptedReply.message('I look around.', { phase: 'commentary' }).shellCommand('ls'),
  ScriptedReply.deltas('Here ', 'is ', 'my ', 'plan.'),
  ScriptedReply.shellCommand('echo deployed', escalated),
  ScriptedReply.message('It is deployed.'),
  ScriptedReply.deltas('This takes a minute.').delay(60_000),
);
const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
const service = new ThreadService({
  codex: new Codex({ ...place.options, approvals }),
  approvals,
  book: new FileThreadBook(process.env.BOOK ?? join(tmpdir(), `threads-${process.pid}.json`)),
  threadOptions: { sandboxMode: 'read-only', approvalPolicy: 'on-request' },
  drainMs: Number(process.env.DRAIN_MS ?? 10_000),
});
const server = await starters[framework](service, Number(process.env.PORT ?? 8080));
console.log(server.url);

// #region signals
await new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
await server.close();
// #endregion
