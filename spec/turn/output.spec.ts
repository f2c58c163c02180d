import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { expect } from 'chai';
import { IsIn, IsString } from 'class-validator';
import { expectTypeOf } from 'expect-type';
import * as v from 'valibot';
import * as z from 'zod';
import {
  OutputValidationError,
  ValidationError,
  type Codex,
  type JsonObject,
  type TurnResult,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

class Report {
  @IsString()
  summary!: string;

  @IsIn(['low', 'high'])
  risk!: 'low' | 'high';
}

class Shapeless {
  anything!: unknown;
}

describe('Structured output', function () {
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

  it('is an instance of the requested class', async () => {
    offline.model.reply(ScriptedReply.message('{"summary":"Fine","risk":"low"}'));

    const result = await codex.startThread().run('Assess', { output: Report });

    expectTypeOf(result.output).toEqualTypeOf<Report>();
    expect(result.output).to.be.instanceOf(Report);
    expect(result.output).to.deep.include({ summary: 'Fine', risk: 'low' });
    const { format } = offline.model.requests.at(-1)?.body.text as {
      format: { strict: boolean; schema: { required: string[]; additionalProperties: boolean } };
    };
    expect(format).to.include({ strict: true });
    expect(format.schema).to.deep.include({
      required: ['summary', 'risk'],
      additionalProperties: false,
    });
  });

  it('is read from the answer, not from commentary of the same form', async () => {
    offline.model.reply(
      ScriptedReply.message('{"summary":"Draft","risk":"high"}', { phase: 'commentary' }).message(
        '{"summary":"Final","risk":"low"}',
        { phase: 'final_answer' },
      ),
    );

    const { output, commentary } = await codex.startThread().run('Assess', { output: Report });

    expect(output.summary).to.equal('Final');
    expect(commentary).to.deep.equal(['{"summary":"Draft","risk":"high"}']);
  });

  it('that is invalid is an error with the text and all problems', async () => {
    offline.model.reply(ScriptedReply.message('{"risk":"medium"}'));

    const error = await failure(codex.startThread().run('Assess', { output: Report }));

    expect(error).to.be.instanceOf(OutputValidationError);
    expect(error).to.include({ text: '{"risk":"medium"}' });
    expect((error as OutputValidationError).problems.map(({ path }) => path)).to.have.members([
      'summary',
      'risk',
    ]);
  });

  it('is corrected by the model, in the same thread, as often as allowed', async () => {
    offline.model.reply(
      ScriptedReply.message('nonsense'),
      ScriptedReply.message('{"summary":"Better"}'),
      ScriptedReply.message('{"summary":"Best","risk":"low"}'),
    );
    const thread = codex.startThread();

    const { output } = await thread.run('Assess', { output: Report, repairs: 2 });

    expect(output.summary).to.equal('Best');
    expect(offline.model.requests.at(-1)?.userTexts.at(-1)).to.contain('risk');
    expect(offline.model.requests.at(-1)?.assistantTexts).to.include('nonsense');
  });

  it('is corrected no more often than allowed, after which the last error is thrown', async () => {
    offline.model.reply(ScriptedReply.message('one'), ScriptedReply.message('two'));
    const sent = offline.model.requests.length;

    const error = await failure(codex.startThread().run('Assess', { output: Report, repairs: 1 }));

    expect(error).to.be.instanceOf(OutputValidationError);
    expect(error).to.include({ text: 'two' });
    expect(offline.model.requests).to.have.length(sent + 2);
  });

  it('that is invalid completes the stream, and the result rejects', async () => {
    offline.model.reply(ScriptedReply.message('nonsense'));
    const turn = codex.startThread().runStreamed('Assess', { output: Report });
    const types: string[] = [];

    for await (const event of turn) types.push(event.type);

    expect(types.at(-1)).to.equal('turn.completed');
    expect(await failure(turn.result())).to.be.instanceOf(OutputValidationError);
  });

  it('is not read from commentary alone', async () => {
    offline.model.reply(
      ScriptedReply.message('{"summary":"Draft","risk":"low"}', { phase: 'commentary' }),
    );

    const error = await failure(codex.startThread().run('Assess', { output: Report }));

    expect(error).to.be.instanceOf(OutputValidationError);
    expect(error).to.include({ text: null });
  });

  it('is requested by one turn only', async () => {
    offline.model.reply(
      ScriptedReply.message('{"summary":"Fine","risk":"low"}'),
      ScriptedReply.message('Text'),
    );
    const thread = codex.startThread();
    await thread.run('Assess', { output: Report });

    const { finalResponse } = await thread.run('Say something');

    expect(finalResponse).to.equal('Text');
    expect(JSON.stringify(offline.model.requests.at(-1)?.body.text ?? {})).not.to.contain('schema');
  });

  it('for a schema of Zod, Valibot or ArkType has the inferred type', async () => {
    const answer = ScriptedReply.message('{"ok":true}');
    offline.model.reply(answer, answer, answer);
    const thread = codex.startThread();

    const byZod = await thread.run('Assess', { output: z.strictObject({ ok: z.boolean() }) });
    const byValibot = await thread.run('Assess', {
      output: toStandardJsonSchema(v.strictObject({ ok: v.boolean() })),
    });
    const byArkType = await thread.run('Assess', {
      output: type({ ok: 'boolean', '+': 'reject' }),
    });

    expectTypeOf(byZod.output).toEqualTypeOf<{ ok: boolean }>();
    expectTypeOf(byValibot.output).toEqualTypeOf<{ ok: boolean }>();
    expectTypeOf(byArkType.output).toEqualTypeOf<{ ok: boolean }>();
    expect([byZod.output, byValibot.output, byArkType.output]).to.deep.equal([
      { ok: true },
      { ok: true },
      { ok: true },
    ]);
  });

  it('is rejected before anything is sent if strict mode cannot express its schema', async () => {
    const sent = offline.model.requests.length;
    const thread = codex.startThread();

    const error = await failure(thread.run('Assess', { output: Shapeless }));

    expect(error).to.be.instanceOf(ValidationError);
    expect(thread.threadId).to.equal(null);
    expect(offline.model.requests).to.have.length(sent);
  });

  it('for a JSON Schema is a plain object', async () => {
    offline.model.reply(ScriptedReply.message('{"ok":true}'));
    const outputSchema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    };

    const result = await codex.startThread().run('Assess', { outputSchema });

    expectTypeOf(result.output).toEqualTypeOf<JsonObject>();
    expect(result.output).to.deep.equal({ ok: true });
  });

  it('is undefined if none was requested', async () => {
    offline.model.reply(ScriptedReply.message('Text'));

    const result = await codex.startThread().run('Say something');

    expectTypeOf(result).toEqualTypeOf<TurnResult>();
    expect(result.output).to.equal(undefined);
  });
});
