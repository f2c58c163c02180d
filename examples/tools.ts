// Gives the model a tool that runs in this process, with its objects: here a store of payments.
//
// npm run example tools
// npm run example tools -- --live    on your own key or login
import 'reflect-metadata';
import { IsString, Matches } from 'class-validator';
import { Codex, Describe, Tool, type ToolContext } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

class PaymentQuery {
  @Describe('The id of the payment, such as p-1.')
  @IsString()
  @Matches(/^p-\d+$/)
  readonly id!: string;
}

class PaymentsTools {
  readonly #payments = new Map([['p-1', { amount: 30, status: 'settled' }]]);

  @Tool({ description: 'Finds a payment by its id.', input: PaymentQuery })
  findPayment({ id }: PaymentQuery, { threadId }: ToolContext): object {
    console.log(`  The model calls findPayment(${id}) on thread ${threadId}.`);
    const payment = this.#payments.get(id);
    // What a tool throws goes to the model, which may do better.
    if (payment === undefined) throw new Error(`There is no payment ${id}.`);
    return payment;
  }
}

await using place = await LiveOrScripted.start(
  ScriptedReply.functionCall('findPayment', { id: 'p-2' }),
  ScriptedReply.functionCall('findPayment', { id: 'p-1' }),
  ScriptedReply.message('Payment p-1 is settled; there is no p-2.'),
);
await using codex = new Codex(place.options);

const thread = codex
  .thread()
  .withOptions({ sandboxMode: 'read-only' })
  .withTools(new PaymentsTools())
  .build();
const { finalResponse } = await thread.run('Look up payments p-2 and p-1. Are they settled?');
console.log(finalResponse);
