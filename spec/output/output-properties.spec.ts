import { expect } from 'chai';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import * as z from 'zod';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

/** A random class, and one of its values in two forms. */
interface Sample {
  readonly type: OutputClass;
  /** The form in which strict mode makes the model write it: all keys, with null for omitted ones. */
  readonly written: Record<string, unknown>;
  /** The plain form of the instance. */
  readonly read: Record<string, unknown>;
}

interface Part {
  readonly decorate: readonly PropertyDecorator[];
  readonly written: unknown;
  readonly read: unknown;
}

describe('any decorated class', () => {
  it('has a schema that its own answers satisfy, according to another library', () => {
    fc.assert(
      fc.property(samples(), ({ type, written }) => {
        const schema = z.fromJSONSchema(outputFormat(type).schema);

        expect(schema.safeParse(written).error).to.equal(undefined);
      }),
      { numRuns: 40 },
    );
  });

  it('reads its answers back unchanged', () => {
    fc.assert(
      fc.property(samples(), ({ type, written, read }) => {
        const outcome = outputFormat(type).parse(JSON.stringify(written));

        expect(outcome).to.have.property('ok', true);
        expect(outcome).to.have.property('value').that.is.instanceOf(type);
        expect(plain((outcome as { value: unknown }).value)).to.deep.equal(read);
      }),
      { numRuns: 40 },
    );
  });

  it('rejects an answer with an additional key', () => {
    fc.assert(
      fc.property(samples(), ({ type, written }) => {
        const outcome = outputFormat(type).parse(JSON.stringify({ ...written, stranger: 1 }));

        expect(outcome).to.deep.equal({
          ok: false,
          problems: [{ path: 'stranger', reason: 'is unknown' }],
        });
      }),
      { numRuns: 20 },
    );
  });

  it('never throws because of the answer', () => {
    fc.assert(
      fc.property(samples(), fc.jsonValue(), ({ type }, answer) => {
        expect(outputFormat(type).parse(JSON.stringify(answer))).to.have.property('ok');
      }),
      { numRuns: 40 },
    );
  });
});

function samples(depth = 2): fc.Arbitrary<Sample> {
  const name = fc.stringMatching(/^[a-z]{1,6}$/);
  return fc.dictionary(name, parts(depth), { minKeys: 1, maxKeys: 4 }).map((properties) => {
    class Made extends Object {}
    for (const [property, { decorate }] of Object.entries(properties))
      for (const decorator of decorate) decorator(Made.prototype, property);
    const entries = Object.entries(properties);
    return {
      type: Made,
      written: Object.fromEntries(entries.map(([property, { written }]) => [property, written])),
      read: Object.fromEntries(
        entries
          .filter(([, { read }]) => read !== undefined)
          .map(([property, { read }]) => [property, read]),
      ),
    };
  });
}

function parts(depth: number): fc.Arbitrary<Part> {
  const single = depth === 0 ? scalars() : fc.oneof(scalars(), nested(depth - 1));
  return fc.oneof(single, single.chain(optional), lists(depth));
}

function scalars(): fc.Arbitrary<Part> {
  return fc.oneof(
    fc.string({ maxLength: 9 }).map((text) => same([IsString(), MaxLength(9)], text)),
    fc.integer({ min: -5, max: 5 }).map((number) => same([IsInt(), Min(-5), Max(5)], number)),
    fc.boolean().map((flag) => same([IsBoolean()], flag)),
    fc.constantFrom('a', 'b', 1).map((value) => same([IsIn(['a', 'b', 1])], value)),
  );
}

function nested(depth: number): fc.Arbitrary<Part> {
  return samples(depth).map(({ type, written, read }) => ({
    decorate: [ValidateNested(), Type(() => type)],
    written,
    read,
  }));
}

function lists(depth: number): fc.Arbitrary<Part> {
  const texts = fc.array(fc.string()).map((list) => same([IsString({ each: true })], list));
  if (depth === 0) return texts;
  const objects = fc.tuple(samples(depth - 1), fc.nat({ max: 3 })).map(([sample, count]) => ({
    decorate: [ValidateNested({ each: true }), Type(() => sample.type)],
    written: Array.from({ length: count }, () => sample.written),
    read: Array.from({ length: count }, () => sample.read),
  }));
  return fc.oneof(texts, objects);
}

function optional(part: Part): fc.Arbitrary<Part> {
  return fc.boolean().map((isLeftOut) => ({
    decorate: [IsOptional(), ...part.decorate],
    written: isLeftOut ? null : part.written,
    read: isLeftOut ? undefined : part.read,
  }));
}

function same(decorate: readonly PropertyDecorator[], value: unknown): Part {
  return { decorate, written: value, read: value };
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
