import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { expect } from 'chai';
import * as v from 'valibot';
import * as z from 'zod';
import { ValidationError } from '../../lib/errors.js';
import type { StandardSchema } from '../../lib/output/standard-schema.js';
import { outputFormat } from '../../lib/output/output-schema.js';

const zodReport = z.object({
  summary: z.string().min(3).describe('In one line.'),
  risk: z.enum(['low', 'high']),
  owner: z.object({ name: z.string(), mail: z.email().optional() }),
  lines: z.array(z.int().min(1)),
  note: z.string().optional(),
});
const valibotReport = toStandardJsonSchema(
  v.object({
    summary: v.pipe(v.string(), v.minLength(3), v.description('In one line.')),
    risk: v.picklist(['low', 'high']),
    owner: v.object({ name: v.string(), mail: v.optional(v.pipe(v.string(), v.email())) }),
    lines: v.array(v.pipe(v.number(), v.integer(), v.minValue(1))),
    note: v.optional(v.string()),
  }),
);
const arktypeReport = type({
  summary: 'string >= 3',
  risk: "'low' | 'high'",
  owner: { name: 'string', 'mail?': 'string.email' },
  lines: '(number.integer >= 1)[]',
  'note?': 'string',
});

const answer = {
  summary: 'All is well',
  risk: 'low',
  owner: { name: 'Ann', mail: null },
  lines: [3, 5],
  note: null,
};

describe('outputFormat of a Standard Schema', () => {
  for (const [library, schema] of [
    ['Zod', zodReport],
    ['Valibot', valibotReport],
    ['ArkType', arktypeReport],
  ] as const)
    describe(`of ${library}`, () => {
      it('requires all properties, optional ones as nullable, and closes all objects', () => {
        const { schema: sent } = outputFormat<StandardSchema>(schema);
        const owner = sent.properties as Record<string, object>;

        expect(sent.required).to.have.members(['summary', 'risk', 'owner', 'lines', 'note']);
        expect(sent.additionalProperties).to.equal(false);
        expect(sent)
          .to.have.nested.property('properties.note.type')
          .that.deep.equals(['string', 'null']);
        expect(owner.owner).to.deep.include({
          required: ['name', 'mail'],
          additionalProperties: false,
        });
      });

      it('describes constraints for which strict mode has no keyword', () => {
        const { schema: sent } = outputFormat<StandardSchema>(schema);

        expect(sent)
          .to.have.nested.property('properties.summary.description')
          .that.contains('at least 3 characters');
        expect(sent).not.to.have.nested.property('properties.summary.minLength');
        expect(sent)
          .to.have.nested.property('properties.lines.items')
          .that.includes({ type: 'integer', minimum: 1 });
      });

      it('removes optional properties that are null before validation', () => {
        expect(outputFormat<StandardSchema>(schema).parse(JSON.stringify(answer))).to.deep.equal({
          ok: true,
          value: { summary: 'All is well', risk: 'low', owner: { name: 'Ann' }, lines: [3, 5] },
        });
      });

      it('reports the problems found by the schema, with path and value', () => {
        const outcome = outputFormat<StandardSchema>(schema).parse(
          JSON.stringify({ ...answer, owner: { name: 7, mail: null }, lines: [1, 0] }),
        );

        const problems = outcome.ok ? [] : outcome.problems;
        expect(problems.map(({ path }) => path)).to.have.members(['owner.name', 'lines[1]']);
        expect(problems.map(({ reason }) => reason).join('\n'))
          .to.contain(', got 7')
          .and.to.contain(', got 0');
      });

      it('rejects text that is not JSON', () => {
        expect(outputFormat<StandardSchema>(schema).parse('Sorry!')).to.have.property('ok', false);
      });
    });

  it('returns the output of transformations and defaults, and describes their input to the model', () => {
    const schema = z.object({
      length: z.string().transform((text) => text.length),
      tone: z.string().default('plain'),
    });
    const format = outputFormat(schema);

    expect(format.schema.properties).to.deep.equal({
      length: { type: 'string' },
      tone: { type: ['string', 'null'] },
    });
    expect(format.parse('{"length":"four","tone":null}')).to.deep.equal({
      ok: true,
      value: { length: 4, tone: 'plain' },
    });
  });

  it('keeps null if the schema itself accepts it', () => {
    const schema = z.object({ a: z.string().nullable(), b: z.string().nullish() });

    expect(outputFormat(schema).parse('{"a":null,"b":null}')).to.deep.equal({
      ok: true,
      value: { a: null, b: null },
    });
  });

  it('writes a discriminated union as anyOf and finds the branch in the answer', () => {
    const schema = z.object({
      event: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('text'), note: z.string().optional() }),
        z.object({ kind: z.literal('none'), note: z.null() }),
      ]),
    });
    const format = outputFormat(schema);

    expect(format.schema).to.have.nested.property('properties.event.anyOf').with.length(2);
    expect(format.parse('{"event":{"kind":"text","note":null}}')).to.deep.equal({
      ok: true,
      value: { event: { kind: 'text' } },
    });
    expect(format.parse('{"event":{"kind":"none","note":null}}')).to.deep.equal({
      ok: true,
      value: { event: { kind: 'none', note: null } },
    });
  });

  it('handles recursion and shared definitions in schemas and answers', () => {
    const Named = z
      .object({ name: z.string(), alias: z.string().optional() })
      .meta({ id: 'Named' });
    const Node = z.object({
      label: Named.describe('What it is called.'),
      second: Named.optional(),
      get children() {
        return z.array(Node).optional();
      },
    });
    const format = outputFormat(Node);

    expect(format.schema.properties).to.deep.equal({
      label: { description: 'What it is called.', anyOf: [{ $ref: '#/$defs/Named' }] },
      second: { anyOf: [{ $ref: '#/$defs/Named' }, { type: 'null' }] },
      children: { type: ['array', 'null'], items: { $ref: '#' } },
    });
    const leaf = { label: { name: 'b', alias: null }, second: null, children: null };
    expect(
      format.parse(JSON.stringify({ ...leaf, second: leaf.label, children: [leaf] })),
    ).to.deep.equal({
      ok: true,
      value: { label: { name: 'b' }, second: { name: 'b' }, children: [{ label: { name: 'b' } }] },
    });
  });

  it('adds a type if a library lists only the values', () => {
    const schema = type({ lit: "'k'", any: "'x' | 'y'", 'opt?': '1 | 2' });

    expect(outputFormat(schema).schema.properties).to.deep.equal({
      lit: { type: 'string', const: 'k' },
      any: { type: 'string', enum: ['x', 'y'] },
      opt: { type: ['integer', 'null'], enum: [1, 2, null] },
    });
  });

  it('merges a single allOf and inlines a reference at the root', () => {
    const standard = standardOf({
      $ref: '#/$defs/Root',
      $defs: {
        Root: {
          type: 'object',
          properties: { a: { allOf: [{ type: 'string' }], description: 'A.' } },
          required: ['a'],
        },
        Unused: { type: 'object', patternProperties: {} },
      },
    });

    expect(outputFormat(standard).schema).to.deep.equal({
      type: 'object',
      properties: { a: { type: 'string', description: 'A.' } },
      required: ['a'],
      additionalProperties: false,
    });
  });

  describe('refuses before anything is sent', () => {
    it('a schema without a JSON Schema, with a remedy', () => {
      expect(() => outputFormat(v.object({ a: v.string() }))).to.throw(
        ValidationError,
        'Invalid output schema of valibot:\n  cannot produce a JSON Schema: pass a schema of Zod 4.2 or ArkType 2.1.28 or later, toStandardJsonSchema(schema) for Valibot, or { jsonSchema }',
      );
    });

    it('a schema that its library cannot convert to JSON Schema', () => {
      expect(() => outputFormat(z.object({ at: z.date() }))).to.throw(
        ValidationError,
        'Invalid output schema of zod:\n  cannot be converted to JSON Schema: Date cannot be represented in JSON Schema',
      );
    });

    it('what strict mode cannot express, with its path', () => {
      const schema = z.object({
        record: z.record(z.string(), z.number()),
        tuple: z.tuple([z.string(), z.number()]),
        anything: z.any(),
        open: z.looseObject({ a: z.string() }),
        list: z.array(z.object({ never: z.unknown() })),
      });

      expect(() => outputFormat(schema))
        .to.throw(ValidationError)
        .with.property('problems')
        .that.satisfies((problems: ValidationError['problems']) =>
          ['record', 'tuple', 'anything', 'open', 'list[].never'].every((path) =>
            problems.some((problem) => problem.path === path),
          ),
        );
    });

    it('a root that is not an object', () => {
      expect(() => outputFormat(z.array(z.string()))).to.throw(
        ValidationError,
        'must have an object as its root: wrap the value in a property',
      );
    });
  });

  it('rejects if the schema is asynchronous, or throws and hides that in a promise', async () => {
    const late = z.object({ a: z.string().refine(async () => Promise.resolve(true)) });
    const throwing = z.object({
      a: z.string().transform(() => {
        throw new Error('no');
      }),
    });
    const reason =
      'cannot be validated: the schema is asynchronous, or a function in it threw; use synchronous checks only';

    const outcomes = [late, throwing].map((schema) => outputFormat(schema).parse('{"a":"x"}'));
    // An unhandled rejection would have been reported by now.
    await new Promise(setImmediate);

    expect(outcomes).to.deep.equal([
      { ok: false, problems: [{ path: '', reason }] },
      { ok: false, problems: [{ path: '', reason }] },
    ]);
  });

  it('rejects without throwing if the schema throws or the answer is nested too deeply', () => {
    const throwing: StandardSchema = {
      '~standard': {
        ...standardOf({ type: 'object', properties: {} })['~standard'],
        validate: () => {
          throw new Error('no');
        },
      },
    };
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

    expect(outputFormat(throwing).parse('{"a":"x"}')).to.deep.equal({
      ok: false,
      problems: [{ path: '', reason: 'cannot be read: Error: no, got {"a":"x"}' }],
    });
    expect(outputFormat(zodReport).parse(deep)).to.have.property('ok', false);
  });

  it('reads paths given as segments, and problems of the whole value', () => {
    const standard = standardOf({ type: 'object', properties: {} }, [
      { message: 'odd', path: [{ key: 'a' }, { key: 0 }] },
      { message: 'wrong' },
    ]);

    expect(outputFormat(standard).parse('{"a":["x"]}')).to.deep.equal({
      ok: false,
      problems: [
        { path: 'a[0]', reason: 'odd, got "x"' },
        { path: '', reason: 'wrong, got {"a":["x"]}' },
      ],
    });
  });
});

function standardOf(
  schema: Record<string, unknown>,
  issues?: { message: string; path?: { key: PropertyKey }[] }[],
): StandardSchema {
  const standard = {
    version: 1 as const,
    vendor: 'spec',
    validate: (value: unknown) => (issues === undefined ? { value } : { issues }),
    jsonSchema: { input: () => schema },
  };
  return { '~standard': standard };
}
