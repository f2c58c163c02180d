import { expect } from 'chai';
import { Tool } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';
import { PaymentQuery } from './payments-tools.js';

const count = scaled(500, 120);
const [middle, last] = [`find_${count / 2}`, `find_${count - 1}`];

/** An object with as many tools as a large service. */
class ManyTools {
  readonly called: string[] = [];
}
for (let index = 0; index < count; index += 1) {
  const name = `find_${index}`;
  const descriptor = {
    value(this: ManyTools, { id }: PaymentQuery): string {
      this.called.push(name);
      return `${id} by ${name}`;
    },
  };
  Object.defineProperty(ManyTools.prototype, name, descriptor);
  Tool({ description: `Finds in shard ${index}.`, input: PaymentQuery })(
    ManyTools.prototype,
    name,
    descriptor,
  );
}

describe(`${count} tools`, function () {
  this.timeout(30_000);

  it('are offered and called by a thread of the client, by its fork, and after a resume elsewhere', async () => {
    await using offline = await OfflineCodex.start();
    const { model } = offline;
    const call = (name: string): ScriptedReply => ScriptedReply.functionCall(name, { id: 'p1' });
    for (const name of ['find_0', middle, last])
      model.reply(call(name), ScriptedReply.message('Done'));
    const tools = new ManyTools();
    const codex = offline.client();
    const thread = codex.thread().withOptions({ model: 'gpt-5.5' }).withTools(tools).build();

    const { threadId } = await thread.run('Find it');
    const offered = model.requests[0]?.toolNames.filter((name) => name.startsWith('find_'));
    await (await thread.fork()).run('Find it in the fork');
    await codex.close();
    const elsewhere = offline.client();
    await (await elsewhere.thread().withTools(tools).resume(threadId)).run('Find it elsewhere');

    expect(offered).to.have.length(count);
    expect(tools.called).to.deep.equal(['find_0', middle, last]);
    expect(model.requests.at(-1)?.toolOutputs.at(-1)?.text).to.equal(`p1 by ${last}`);
    await elsewhere.close();
    await noProcessLeft();
  });
});
