// Streams a turn to the terminal: reasoning, commands with their output, and the answer as it is written.
// Ctrl-C stops the turn and its commands; a second Ctrl-C ends the program.
//
// npm run example streaming
// npm run example streaming -- --live    with your own key or login
import { Codex, type TurnEvent } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

function show(event: TurnEvent): void {
  switch (event.type) {
    case 'reasoning.delta':
      process.stdout.write(`  (${event.text})\n`);
      break;
    case 'item.started':
      if (event.item.type === 'commandExecution') process.stdout.write(`$ ${event.item.command}\n`);
      break;
    case 'command.output':
    case 'text.delta':
      process.stdout.write(event.text);
      break;
    case 'turn.retrying':
      process.stdout.write(`  ${event.message}\n`);
      break;
    case 'turn.completed':
      process.stdout.write(`\n  ${event.usage?.totalTokens ?? '?'} tokens\n`);
      break;
    default:
    // There are more kinds of event; see TurnEvent.
  }
}

await using place = await LiveOrScripted.start(
  ScriptedReply.reasoning('I should look.').shellCommand('echo README.md'),
  ScriptedReply.deltas('There is ', 'one file.'),
);
await using codex = new Codex(place.options);

const turn = codex.startThread({ sandboxMode: 'read-only' }).runStreamed('What is in this folder?');
process.once('SIGINT', () => void turn.interrupt());
for await (const event of turn) show(event);
