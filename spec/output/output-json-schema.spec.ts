import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import { outputFormat } from '../../lib/output/output-schema.js';

type Schema = Record<string, unknown>;

const text = { type: 'string' };

describe('outputFormat of a JSON Schema', () => {
  it('sends the schema unchanged', () => {
    const jsonSchema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Report',
      type: 'object',
      properties: {
        code: {
          type: 'string',
          minLength: 3,
          maxLength: 9,
          pattern: '^[A-Z]',
          description: 'A code.',
        },
        at: { type: ['string', 'null'], format: 'date-time' },
        stars: { type: 'integer', minimum: 1, exclusiveMaximum: 6, multipleOf: 1 },
        kind: { anyOf: [{ type: 'string', const: 'a' }, { $ref: '#/$defs/Kind' }] },
        parts: { type: 'array', items: { $ref: '#' }, minItems: 0, maxItems: 5 },
      },
      required: ['code', 'at', 'stars', 'kind', 'parts'],
      additionalProperties: false,
      $defs: { Kind: { type: 'string', enum: ['b', 'c'] } },
    };

    expect(outputFormat({ jsonSchema }).schema).to.deep.equal(jsonSchema);
  });

  it('sends a copy, unaffected by later changes', () => {
    const jsonSchema = objectOf({ a: text });

    const format = outputFormat({ jsonSchema });
    jsonSchema.properties = {};

    expect(format.schema.properties).to.deep.equal({ a: text });
  });

  it('reads the answer as a plain object and validates it against the schema', () => {
    const format = outputFormat({ jsonSchema: objectOf({ a: text }) });

    expect(format.parse('{"a":"x"}')).to.deep.equal({ ok: true, value: { a: 'x' } });
    expect(format.parse('{"a":7,"b":null}')).to.deep.equal({
      ok: false,
      problems: [
        { path: 'a', reason: 'must be a string, got 7' },
        { path: 'b', reason: 'is unknown' },
      ],
    });
  });

  it('rejects an answer that is not an object or not JSON', () => {
    const format = outputFormat({ jsonSchema: objectOf({ a: text }) });

    expect(format.parse('[1]')).to.deep.equal({
      ok: false,
      problems: [{ path: '', reason: 'must be an object, got [1]' }],
    });
    expect(format.parse('none')).to.have.property('ok', false);
  });

  describe('refuses before anything is sent', () => {
    it('a root that is not an object, or is a union', () => {
      const root = 'must have an object as its root: wrap the value in a property';
      const union = { ...objectOf({ a: text }), anyOf: [objectOf({ a: text })] };

      expect(problemsOf({ type: 'array', items: text })).to.deep.equal([['', root]]);
      expect(problemsOf(union)).to.deep.equal([['', root]]);
    });

    it('objects that are open, unnamed or do not require every property', () => {
      const object = {
        type: 'object',
        properties: {
          open: { type: 'object', properties: { a: text }, required: ['a'] },
          record: { type: 'object', additionalProperties: text },
          partial: { ...objectOf({ a: text, b: text }), required: ['a'] },
          stray: { ...objectOf({ a: text }), required: ['a', 'z'] },
        },
        required: ['open', 'record', 'partial', 'stray'],
        additionalProperties: false,
      };

      const asRecord = 'name its properties, or use an array of { key, value } objects';
      expect(problemsOf(object)).to.deep.equal([
        ['open', `must have additionalProperties: false; ${asRecord}`],
        ['record', `has no properties: ${asRecord}`],
        ['record', `must have additionalProperties: false; ${asRecord}`],
        ['record', 'must list every property as required'],
        ['partial', 'must require b too: make an optional property nullable instead'],
        ['stray', 'requires z, which is not among its properties'],
      ]);
    });

    it('values without a type, of an unknown type, and listed values of another type', () => {
      const schema = objectOf({
        anything: {},
        always: true,
        listed: { enum: ['a'] },
        date: { type: 'date' },
        mixed: { type: 'string', enum: ['a', null] },
        fixed: { type: 'null', const: 'a' },
        none: { type: 'string', enum: [] },
      });

      expect(problemsOf(schema)).to.deep.equal([
        ['anything', 'has no type: every schema needs one, also with enum or const'],
        ['always', 'is the schema true: describe the value by its type'],
        ['listed', 'has no type: every schema needs one, also with enum or const'],
        ['date', 'has the type "date", which is unknown'],
        ['mixed', 'lists null, which is not of its type string'],
        ['fixed', 'lists "a", which is not of its type null'],
        ['none', 'has an enum that is not an array'],
      ]);
    });

    it('references with siblings or without a target', () => {
      const schema = objectOf({
        described: { $ref: '#', description: 'The same again.' },
        lost: { $ref: '#/$defs/Lost' },
        deep: { $ref: '#/properties/lost' },
        inherited: { $ref: '#/$defs/toString' },
        odd: { $ref: 7 },
      });

      expect(problemsOf(schema)).to.deep.equal([
        ['described', 'has description next to $ref: wrap the $ref in its own anyOf'],
        ['lost', 'has $ref "#/$defs/Lost", which is neither # nor one of its definitions'],
        ['deep', 'has $ref "#/properties/lost", which is neither # nor one of its definitions'],
        ['inherited', 'has $ref "#/$defs/toString", which is neither # nor one of its definitions'],
        ['odd', 'has $ref 7, which is neither # nor one of its definitions'],
      ]);
    });

    it('keywords, formats and patterns that strict mode does not support', () => {
      const schema = objectOf({
        one: { oneOf: [text] },
        all: { type: 'string', allOf: [text] },
        tuple: { type: 'array', prefixItems: [text], items: text },
        set: { type: 'array', items: text, uniqueItems: true },
        list: { type: 'array' },
        uri: { type: 'string', format: 'uri' },
        ahead: { type: 'string', pattern: '^(?!x)' },
        broken: { type: 'string', pattern: '(' },
        preset: { type: 'string', default: 'x' },
      });

      expect(problemsOf(schema).map(([path]) => path)).to.deep.equal([
        'one',
        'one',
        'all',
        'tuple',
        'set',
        'list',
        'uri',
        'ahead',
        'broken',
        'preset',
      ]);
      expect(problemsOf(schema)).to.deep.include.members([
        ['one', 'has oneOf, which is not permitted: use anyOf'],
        ['uri', `has the format "uri", supported: ${formats}`],
        ['ahead', 'has the pattern "^(?!x)": remove lookarounds and backreferences'],
        ['preset', 'has default, which is not permitted: put it in the description'],
      ]);
    });

    it('problems inside arrays, unions and definitions, each with its path', () => {
      const schema = {
        ...objectOf({
          list: { type: 'array', items: objectOf({ deep: {} }) },
          union: { anyOf: [text, { type: 'array', items: { type: 'nothing' } }] },
        }),
        $defs: { Part: objectOf({ bad: {} }) },
        definitions: { Old: {} },
      };

      expect(problemsOf(schema).map(([path]) => path)).to.deep.equal([
        'list[].deep',
        'union|1[]',
        '$defs.Part.bad',
        'definitions.Old',
      ]);
    });

    it('a union that is also an open object', () => {
      const union = { type: 'object', properties: { a: text }, anyOf: [text] };

      expect(problemsOf(objectOf({ union })).map(([path]) => path)).to.deep.equal([
        'union',
        'union',
      ]);
    });

    it('a schema that is not JSON', () => {
      const cyclic: Schema = { type: 'object' };
      cyclic.self = cyclic;

      expect(problemsOf(cyclic)[0]?.[1]).to.match(/^is not JSON: TypeError: Converting circular/);
      expect(problemsOf('object' as unknown as Schema)).to.deep.equal([
        ['', 'must be an object, got "object"'],
      ]);
      expect(problemsOf(undefined as unknown as Schema)[0]?.[1]).to.match(/^is not JSON/);
    });
  });

  describe('knows the limits of strict mode', () => {
    it('of levels, counted through references, with a recursion ending where it repeats', () => {
      const chain = (levels: number): Schema =>
        levels === 1 ? objectOf({ a: text }) : objectOf({ below: chain(levels - 1) });
      const referring = {
        ...chain(9),
        $defs: { A: objectOf({ b: { $ref: '#/$defs/B' } }), B: objectOf({ again: { $ref: '#' } }) },
      };
      const tooDeep = { ...objectOf({ a: { $ref: '#/$defs/A' } }), $defs: { A: chain(10) } };

      expect(problemsOf(chain(10))).to.deep.equal([]);
      expect(problemsOf(referring)).to.deep.equal([]);
      expect(problemsOf(chain(11))).to.deep.equal([
        ['', 'has 11 levels of objects; strict mode allows 10'],
      ]);
      expect(problemsOf(tooDeep)).to.deep.equal([
        ['', 'has 11 levels of objects; strict mode allows 10'],
      ]);
    });

    it('of properties', () => {
      const many = (count: number): Schema =>
        objectOf(
          Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, text])),
        );

      expect(problemsOf(many(5000))).to.deep.equal([]);
      expect(problemsOf(many(5001))).to.deep.equal([
        ['', 'has 5001 properties; strict mode allows 5000'],
      ]);
    });

    it('of enum values', () => {
      const list = (count: number): Schema => ({
        type: 'integer',
        enum: Array.from({ length: count }, (_, index) => index),
      });

      expect(problemsOf(objectOf({ a: list(500), b: list(500) }))).to.deep.equal([]);
      expect(problemsOf(objectOf({ a: list(500), b: list(501) }))).to.deep.equal([
        ['', 'has 1001 enum values; strict mode allows 1000'],
      ]);
    });

    it('of characters in a long enum of strings', () => {
      const list = (count: number, length: number): Schema => ({
        type: 'string',
        enum: Array.from({ length: count }, (_, index) => String(index).padStart(length, 'x')),
      });

      expect(problemsOf(objectOf({ a: list(250, 100) }))).to.deep.equal([]);
      expect(problemsOf(objectOf({ a: list(300, 50) }))).to.deep.equal([]);
      expect(problemsOf(objectOf({ a: list(300, 51) }))).to.deep.equal([
        ['', 'has 15300 characters in an enum of more than 250 values; strict mode allows 15000'],
      ]);
    });

    it('of characters in all names and values', () => {
      const fits = {
        ...objectOf({ [name(60_000)]: { type: 'string', const: name(30_000) } }),
        $defs: { [name(30_000)]: text },
      };
      const tooMany = { ...fits, definitions: { x: text } };

      expect(problemsOf(fits)).to.deep.equal([]);
      expect(problemsOf(tooMany)).to.deep.equal([
        ['', 'has 120001 characters in its names and values; strict mode allows 120000'],
      ]);
    });

    it('in a time independent of the number of paths through the schema', () => {
      const diamonds = Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          `D${index}`,
          { type: 'array', items: { anyOf: ways(index) } },
        ]),
      );

      expect(
        problemsOf({ ...objectOf({ a: { $ref: '#/$defs/D0' } }), $defs: diamonds }),
      ).to.deep.equal([]);
    });
  });
});

const formats = 'date-time, time, date, duration, email, hostname, ipv4, ipv6, uuid';

function objectOf(properties: Schema): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function ways(index: number): Schema[] {
  return index === 39
    ? [text]
    : [{ $ref: `#/$defs/D${index + 1}` }, { $ref: `#/$defs/D${index + 1}` }];
}

function name(length: number): string {
  return 'n'.repeat(length);
}

function problemsOf(jsonSchema: Schema): readonly (readonly [string, string])[] {
  try {
    outputFormat({ jsonSchema });
  } catch (error) {
    expect(error).to.be.instanceOf(ValidationError);
    return (error as ValidationError).problems.map(({ path, reason }) => [path, reason] as const);
  }
  return [];
}
