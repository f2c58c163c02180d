// A chat in the browser: npm run build:spec && node .build/examples/ai-chat/server.js
// With --live it uses your own key or login; otherwise it runs offline.
import { Codex } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { LiveOrScripted } from '../live-or-scripted.js';
import { ChatServer } from './chat-server.js';

const escalated = { escalated: true, justification: 'May I deploy it?' };
await using place = await LiveOrScripted.start(
  ScriptedReply.reasoning('Look first').shellCommand('ls').message('I look around.'),
  ScriptedReply.deltas('Here ', 'is ', 'what ', 'I ', 'found.'),
  ScriptedReply.shellCommand('echo deployed', escalated),
  ScriptedReply.message('That is settled.'),
);
await using codex = new Codex(place.options);
await using server = new ChatServer(codex, {
  sandboxMode: 'read-only',
  approvalPolicy: 'on-request',
});
console.log(await server.listen(Number(process.env.PORT ?? 8080)));
await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
