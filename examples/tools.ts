// Provides the model with a tool that runs in this process: a lookup in a store of payments. It needs no decorators, so
// Node, Bun and Deno run it without a compiler.
//
// npm run example tools
// npm run example tools -- --live    with your own key or login
import { z } from 'zod';
import { Codex, tool } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

const payments = new Map([['p-1', { amount: 30, status: 'settled' }]]);

const findPayment = tool({
  name: 'findPayment',
  description: 'Finds a payment by its id.',
  input: z.object({
    id: z
      .string()
      .regex(/^p-\d+$/)
      .describe('The id of the payment, such as p-1.'),
  }),
  run: ({ id }, { threadId }) => {
    console.log(`  The model calls findPayment(${id}) on thread ${threadId}.`);
    const payment = payments.get(id);
    // The model receives the errors of a tool, and can correct its call.
    if (payment === undefined) throw new Error(`There is no payment ${id}.`);
    return payment;
  },
});

await using place = await LiveOrScripted.start(
  ScriptedReply.functionCall('findPayment', { id: 'p-2' }),
  ScriptedReply.functionCall('findPayment', { id: 'p-1' }),
  ScriptedReply.message('Payment p-1 is settled; there is no p-2.'),
);
await using codex = new Codex(place.options);

const thread = codex
  .thread()
  .withOptions({ sandboxMode: 'read-only' })
  .withTools(findPayment)
  .build();
const { finalResponse } = await thread.run('Look up payments p-2 and p-1. Are they settled?');
console.log(finalResponse);
