import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { expect } from 'chai';
import { IsInt, IsString, Max } from 'class-validator';
import * as v from 'valibot';
import * as z from 'zod';
import {
  Tool,
  ValidationError,
  tool,
  type Codex,
  type JsonObject,
  type ToolContext,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { Toolbox } from '../../lib/tools/toolbox.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

class Place {
  @IsString()
  readonly shelf!: string;

  @IsInt()
  @Max(9)
  readonly level!: number;
}

const { name, description } = { name: 'find', description: 'Finds a book.' };
const show = (input: object): object => input;
const byZod = tool({
  name: 'by_zod',
  description,
  input: z.object({
    shelf: z.string().regex(/^[A-Z]$/),
    level: z.int().max(9),
    tags: z.record(z.string(), z.number()).optional(),
    order: z.discriminatedUnion('by', [
      z.object({ by: z.literal('title') }),
      z.object({ by: z.literal('year'), since: z.int().default(1900) }),
    ]),
  }),
  run: ({ shelf, level, order }) => ({ shelf, level, order }),
});
const byValibot = tool({
  name: 'by_valibot',
  description,
  input: toStandardJsonSchema(
    v.object({ shelf: v.string(), level: v.pipe(v.number(), v.maxValue(9)) }),
  ),
  run: ({ shelf, level }) => ({ shelf, level }),
});
const byArkType = tool({
  name: 'by_arktype',
  description,
  input: type({ shelf: 'string', level: 'number <= 9' }),
  run: ({ shelf, level }) => ({ shelf, level }),
});
const byJsonSchema = tool({
  name: 'by_json_schema',
  description,
  input: {
    jsonSchema: {
      type: 'object',
      properties: { shelf: { type: 'string' }, level: { type: 'integer', maximum: 9 } },
      required: ['shelf', 'level'],
    },
  },
  run: (input: JsonObject) => input,
});
const byClass = tool({
  name: 'by_class',
  description,
  input: Place,
  run: (place) => `${place.constructor.name} ${place.shelf}${place.level}`,
});

describe('tool', function () {
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

  /** Lets the model call tools with the given arguments, and returns their results. */
  async function told(
    tools: readonly object[],
    ...calls: readonly (readonly [called: string, args: Record<string, unknown>])[]
  ): Promise<readonly string[]> {
    const replies = calls.map(([called, args]) => ScriptedReply.functionCall(called, args));
    offline.model.reply(...replies, ScriptedReply.message('Done'));
    await codex
      .thread()
      .withTools(...tools)
      .build()
      .run('Find it');
    return offline.model.requests.at(-1)?.toolOutputs.map(({ text }) => text) ?? [];
  }

  it('works next to objects with decorated methods, for every kind of input', async () => {
    class Clock {
      @Tool({ description: 'Tells the time.' })
      time(): string {
        return 'noon';
      }
    }

    const tools = [byClass, byZod, new Clock(), byValibot, byArkType, byJsonSchema];
    const args = { shelf: 'A', level: 1 };
    expect(
      await told(
        tools,
        ['by_class', args],
        ['time', {}],
        ['by_valibot', args],
        ['by_arktype', args],
        ['by_json_schema', args],
      ),
    ).to.deep.equal(['Place A1', 'noon', ...Array<string>(3).fill(JSON.stringify(args))]);
  });

  it('gets the output of the schema for the arguments', async () => {
    const args = { shelf: 'A', level: 1, order: { by: 'year' } };

    expect(await told([byZod], ['by_zod', args])).to.deep.equal([
      '{"shelf":"A","level":1,"order":{"by":"year","since":1900}}',
    ]);
  });

  it('lets the model correct invalid arguments, and is not called with them', async () => {
    const wrong = { shelf: 'A', level: 10 };
    const tools = [byZod, byValibot, byArkType, byClass, byJsonSchema];

    const outputs = await told(
      tools,
      ['by_zod', { ...wrong, order: {} }],
      ['by_valibot', wrong],
      ['by_arktype', wrong],
      ['by_class', wrong],
      ['by_json_schema', wrong],
    );

    for (const [index, output] of outputs.entries())
      expect(output)
        .to.include(`The arguments of ${tools[index]?.name} are not valid, so it was not called:`)
        .and.match(/^ {2}level: .*, got 10$/m);
    expect(outputs).to.have.length(5);
  });

  it('is described to the model completely, in words for keywords that codex-rs drops', () => {
    const [spec] = Toolbox.of([byZod]).specs();

    expect(spec)
      .to.have.nested.property('inputSchema.properties')
      .that.deep.includes({
        shelf: { type: 'string', description: 'Constraints: matches /^[A-Z]$/.' },
      });
    expect(spec).to.have.nested.property('inputSchema.properties.order.anyOf').with.length(2);
    expect(JSON.stringify(spec)).to.include('defaults to 1900').and.not.include('oneOf');
  });

  it('gets the thread, the turn, the labels and a signal', async () => {
    const contexts: ToolContext[] = [];
    const remember = tool({
      name,
      description,
      run: (input: Record<string, never>, context) => {
        contexts.push(context);
        return JSON.stringify(input);
      },
    });

    expect(await told([remember], [name, {}])).to.deep.equal(['{}']);
    expect(contexts[0]).to.include.keys('threadId', 'turnId', 'labels', 'signal');
  });

  it('can be called by a test', () => {
    expect(byClass.name).to.equal('by_class');
    expect(byZod).to.satisfy(Object.isFrozen);
    const place = Object.assign(new Place(), { shelf: 'B', level: 2 });
    expect(byClass.run(place, {} as ToolContext)).to.equal('Place B2');
  });

  it('rejects an invalid name, description or function immediately', () => {
    const refuse = (definition: object): string => {
      try {
        tool(definition as never);
        return '';
      } catch (error) {
        return ValidationError.is(error) ? error.message : String(error);
      }
    };

    expect(refuse({})).to.include('run: must be a function').and.include('the description must');
    expect(refuse({ description, run: show })).to.include('the name of a tool');
    expect(refuse({ name: 'find it', description, run: show })).to.include('letters, digits');
    expect(refuse({ name: 'exec_command', description, run: show })).to.include('built-in');
    expect(refuse({ name, description: ' ', run: show })).to.include('description');
    expect(refuse({ name, description, run: show, timeoutMs: 0 })).to.include('timeoutMs');
  });

  it('rejects an input that cannot be described to the model, together with the other tools', () => {
    const withInput = (input: unknown): object =>
      tool({ name, description, input: input as never, run: show });
    const refusals = (...tools: object[]): string => {
      try {
        Toolbox.of(tools);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const untold = {
      type: 'object',
      properties: { a: { allOf: [{ type: 'string' }, { minLength: 1 }] }, b: { $ref: 'x' } },
      additionalProperties: { pattern: '(' },
    };

    expect(refusals(withInput({ jsonSchema: untold })))
      .to.include('tools[0].input.a: has allOf, which codex-rs does not pass to the model')
      .and.include('tools[0].input.b: has $ref "x"')
      .and.include('tools[0].input.{}: has the pattern "("');
    expect(refusals(withInput({ jsonSchema: { type: 'string' } }))).to.include('as its root');
    expect(refusals(withInput(z.tuple([z.string()])))).to.include('as its root');
    expect(refusals(withInput(z.object({ at: z.date() })))).to.include(
      'cannot be converted to JSON',
    );
    expect(refusals(withInput(v.object({})))).to.include('cannot produce a JSON Schema');
    expect(refusals(withInput(7))).to.include('must be a decorated class, a Standard Schema');
    expect(refusals(withInput(Place), tool({ name, description, run: show }))).to.include(
      'tool({ name: "find" }) has the same name "find" as tool({ name: "find" })',
    );
  });
});
