import { expect } from 'chai';
import { schemaProblems } from '../../lib/output/json-schema-check.js';
import type { SchemaNode } from '../../lib/output/schema-node.js';

const problems = (schema: SchemaNode, data: unknown): readonly string[] =>
  schemaProblems(schema, data).map(({ path, reason }) => `${path}: ${reason}`);
const only = (value: SchemaNode): SchemaNode => ({ properties: { value } });

describe('schemaProblems', () => {
  it('finds no problems in data that matches the schema', () => {
    const schema = {
      type: 'object',
      properties: {
        text: { type: ['string', 'null'], minLength: 1, maxLength: 2, pattern: '^👋' },
        number: { type: 'number', minimum: 1, maximum: 1.3, multipleOf: 0.1 },
        whole: { type: 'integer', exclusiveMinimum: 1, exclusiveMaximum: 3 },
        list: { type: 'array', items: { enum: [{ a: 1, b: 2 }, 3] }, minItems: 1, maxItems: 2 },
        next: { $ref: '#' },
        either: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/Kind' }] },
        one: { oneOf: [{ const: 'a' }, { const: 'b' }] },
      },
      additionalProperties: { type: 'boolean' },
      minProperties: 1,
      maxProperties: 9,
      propertyNames: { maxLength: 6 },
      $defs: { Kind: { type: 'object', properties: { kind: true } } },
    };
    const data = {
      text: '👋.',
      number: 1.2,
      whole: 2,
      list: [{ b: 2, a: 1 }, 3],
      next: { text: null },
      either: { kind: 7 },
      one: 'b',
      other: true,
    };

    expect(problems(schema, data)).to.deep.equal([]);
  });

  it('reports all problems with their paths', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: {
        lines: { type: 'array', items: { type: 'object', required: ['sku'] } },
        owner: { type: 'object', properties: { name: { type: 'string' } } },
      },
      required: ['id'],
      additionalProperties: false,
    };

    expect(problems(schema, { lines: [{}, 1], owner: { name: null }, x: 1 })).to.deep.equal([
      'id: is missing',
      'lines[0].sku: is missing',
      'lines[1]: must be an object, got 1',
      'owner.name: must be a string, got null',
      'x: is unknown',
    ]);
  });

  it('names the violated bound', () => {
    const broken = (schema: SchemaNode, value: unknown): readonly string[] =>
      problems(only(schema), { value });

    expect(broken({ minimum: 3 }, 2)).to.deep.equal(['value: must be: at least 3, got 2']);
    expect(broken({ exclusiveMaximum: 3 }, 3)).to.deep.equal([
      'value: must be: less than 3, got 3',
    ]);
    expect(broken({ maxLength: 1 }, 'ab')).to.deep.equal([
      'value: must be: at most 1 characters, got "ab"',
    ]);
    expect(broken({ pattern: '^[a-z\\-]+$' }, 'A')).to.deep.equal([
      'value: must be: matches /^[a-z\\-]+$/, got "A"',
    ]);
    expect(
      broken({ uniqueItems: true }, [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).to.have.length(1);
    expect(broken({ multipleOf: 2 }, 3)).to.have.length(1);
    expect(broken({ enum: ['a', 1] }, 'b')).to.deep.equal(['value: must be "a" or 1, got "b"']);
  });

  it('reports the problems of the closest alternative', () => {
    const schema = only({
      anyOf: [
        { type: 'object', required: ['a', 'b'] },
        { type: 'object', required: ['a'] },
      ],
    });

    expect(problems(schema, { value: {} })).to.deep.equal(['value.a: is missing']);
  });

  it('rejects data that matches two alternatives of oneOf', () => {
    expect(problems(only({ oneOf: [{ minimum: 1 }, { minimum: 2 }] }), { value: 3 })).to.deep.equal(
      ['value: matches more than one alternative, got 3'],
    );
  });

  it('terminates on a schema that refers to itself', () => {
    expect(problems({ $ref: '#' }, {})[0]).to.contain('levels deep');
  });
});
