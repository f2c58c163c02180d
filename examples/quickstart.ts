// Starts a thread, runs two turns on it, and shows their usage.
//
// npm run example quickstart
// npm run example quickstart -- --live    with your own key or login
import { Codex } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

await using place = await LiveOrScripted.start(
  ScriptedReply.message('A library, its tests, and a demo.').usage({ outputTokens: 9 }),
  ScriptedReply.message('The tests.').usage({ inputTokens: 30, outputTokens: 3 }),
);

await using codex = new Codex(place.options);
const thread = codex.startThread({ workingDirectory: process.cwd(), sandboxMode: 'read-only' });

const overview = await thread.run('Explain this repository in three bullets.');
console.log(`Explained: ${overview.finalResponse ?? ''}`);

const next = await thread.run('Which of them should I read first?');
console.log(`To read first: ${next.finalResponse ?? ''}`);
console.log(
  `${next.threadUsage?.totalTokens ?? '?'} tokens so far, on thread ${overview.threadId}`,
);
