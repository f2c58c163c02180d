import { expect } from 'chai';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import * as z from 'zod';
import { outputFormat, type OutputSource } from '../../lib/output/output-schema.js';
import { PartialAnswer } from '../../lib/output/partial-output.js';

/** The answer after each piece; undefined if it has not changed. */
function grown(source: OutputSource, ...pieces: readonly string[]): readonly unknown[] {
  const answer = new PartialAnswer(outputFormat(source));
  return pieces.map((piece) => answer.add(piece));
}

const report = z.object({
  title: z.string(),
  count: z.int().max(99),
  risk: z.enum(['low', 'high']),
  note: z.string().optional(),
});

class Line {
  @IsString() sku!: string;
  @IsInt() @Max(9) count!: number;
}

class Order {
  @IsIn(['web', 'shop']) from!: string;
  @IsOptional() @IsString() coupon?: string;
  @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
}

describe('PartialAnswer', () => {
  it('shows growing texts, and other values when they are complete', () => {
    const pieces = [
      '{"ti',
      'tle":"A',
      ' test","cou',
      'nt":1',
      '2,"risk":"lo',
      'w"',
      ',"note":null}',
    ];

    expect(grown(report, ...pieces)).to.deep.equal([
      {},
      { title: 'A' },
      { title: 'A test' },
      undefined,
      { title: 'A test', count: 12 },
      { title: 'A test', count: 12, risk: 'low' },
      { title: 'A test', count: 12, risk: 'low' },
    ]);
  });

  it('omits values that do not match the schema', () => {
    const text = '{"title":7,"count":100,"risk":"none","stray":{"a":1},"note":"x"}';

    expect(grown(report, text)).to.deep.equal([{ note: 'x' }]);
    expect(grown(report, '{"title":{"a":"b"},"risk":"h')).to.deep.equal([{}]);
  });

  it('follows nested classes and lists', () => {
    const pieces = [
      '{"from":"web","coupon":null,"lines":[{"sku":"a',
      'b","count":3},{"sku":"c","count":10},',
      '{"sku":"d',
    ];

    expect(grown(Order, ...pieces)).to.deep.equal([
      { from: 'web', lines: [{ sku: 'a' }] },
      { from: 'web', lines: [{ sku: 'ab', count: 3 }, { sku: 'c' }] },
      { from: 'web', lines: [{ sku: 'ab', count: 3 }, { sku: 'c' }, { sku: 'd' }] },
    ]);
  });

  it('reuses complete objects, and freezes all of them', () => {
    const [, two, three] = grown(Order, '{', '"lines":[{"sku":"a","count":1}', ',{"sku":"b"') as {
      lines: unknown[];
    }[];

    expect(three?.lines[0]).to.equal(two?.lines[0]);
    expect([three, three?.lines, three?.lines[1]]).to.satisfy((parts: readonly unknown[]) =>
      parts.every((part) => Object.isFrozen(part)),
    );
  });

  it('distinguishes the branches of a union by their fixed values', () => {
    const shape = z.object({
      shape: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('circle'), radius: z.number() }),
        z.object({ kind: z.literal('text'), radius: z.string() }),
      ]),
    });

    expect(grown(shape, '{"shape":{"kind":"text","radius":7')).to.deep.equal([
      { shape: { kind: 'text' } },
    ]);
    expect(grown(shape, '{"shape":{"kind":"circle","radius":7}')).to.deep.equal([
      { shape: { kind: 'circle', radius: 7 } },
    ]);
  });

  it('ignores a Markdown fence, and shows nothing for invalid JSON', () => {
    expect(grown(report, '`', '``json', '\n{"title"', ':"A"}\n```')).to.deep.equal([
      undefined,
      undefined,
      {},
      { title: 'A' },
    ]);
    expect(grown(report, ' Well, ', '{"title":"A"}')).to.deep.equal([undefined, undefined]);
    expect(grown(report, '{"title":"A",,', '"note":"x"}')).to.deep.equal([
      { title: 'A' },
      undefined,
    ]);
    expect(grown(report, '["title"]', '7')).to.deep.equal([undefined, undefined]);
  });

  it('arrives at the whole answer for any split', () => {
    const source = {
      jsonSchema: {
        type: 'object',
        properties: {
          text: { type: 'string' },
          list: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
          deep: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
        },
        required: ['text', 'list', 'deep'],
        additionalProperties: false,
      },
    };
    const { answer } = fc.letrec<{ answer: object }>((tie) => ({
      answer: fc.record({
        text: fc.string({ unit: 'grapheme' }),
        list: fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.integer())),
        deep: fc.option(tie('answer'), { maxDepth: 2 }),
      }),
    }));

    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 9 }), (value, size) => {
        const text = JSON.stringify(value);
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(grown(source, ...pieces).findLast((each) => each !== undefined)).to.deep.equal(
          value,
        );
      }),
      { numRuns: 15 },
    );
  });
});
