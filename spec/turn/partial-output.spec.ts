import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as z from 'zod';
import { OutputValidationError, type Codex, type PartialOutput } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const output = z.object({ title: z.string(), risk: z.enum(['low', 'high']) });

describe('The partial output of a turn', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('grows as the model writes, and the result has the complete output', async () => {
    offline.model.reply(
      ScriptedReply.message('{"title":"On my way"}', { phase: 'commentary' }).deltas(
        '{"title":"A',
        ' test",',
        '"risk":"lo',
        'w"}',
      ),
    );
    const turn = codex.startThread().runStreamed('Assess', { output });
    const partials: PartialOutput<z.infer<typeof output>>[] = [];

    for await (const partial of turn.partialOutput) partials.push(partial);

    // Their number depends on the speed of the reader.
    const steps = [{ title: 'A' }, { title: 'A test' }, { title: 'A test', risk: 'low' }];
    expect(steps).to.deep.include.members(partials);
    expect(partials.at(-1)).to.deep.equal(steps.at(-1));
    expect((await turn.result()).output).to.deep.equal({ title: 'A test', risk: 'low' });
    expectTypeOf(partials[0]?.risk).toEqualTypeOf<'low' | 'high' | undefined>();
  });

  it('restarts with another message, which becomes the answer', async () => {
    offline.model.reply(
      ScriptedReply.deltas('{"title":"First"').shellCommand('true'),
      ScriptedReply.deltas('{"risk":"high"}'),
    );
    const turn = codex.startThread().runStreamed('Assess', { output });
    const partials: unknown[] = [];

    for await (const partial of turn.partialOutput) partials.push(partial);

    expect(partials).to.deep.equal([{ title: 'First' }, { risk: 'high' }]);
    expect(OutputValidationError.is(await failure(turn.result()))).to.equal(true);
  });

  it('omits the invalid parts of a rejected answer', async () => {
    offline.model.reply(ScriptedReply.deltas('{"title":"A","risk":"none"}'));
    const turn = codex.startThread().runStreamed('Assess', { output });
    const partials: unknown[] = [];

    for await (const partial of turn.partialOutput) partials.push(partial);

    expect(partials).to.deep.equal([{ title: 'A' }]);
    expect(OutputValidationError.is(await failure(turn.result()))).to.equal(true);
  });

  it('is refused for a turn without an output, and allows one reader', () => {
    const plain = codex.startThread().runStreamed('Hello');
    expect(() => plain.partialOutput[Symbol.asyncIterator]())
      .to.throw('pass output')
      .with.property('code', 'no-output');

    const turn = codex.startThread().runStreamed('Assess', { output });
    turn.partialOutput[Symbol.asyncIterator]();
    expect(() => turn.textStream[Symbol.asyncIterator]())
      .to.throw()
      .with.property('code', 'already-read');
  });
});
