import { expect } from 'chai';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ValidationError } from '../../lib/errors.js';
import { Describe } from '../../lib/output/description.js';
import { ToolInput } from '../../lib/output/tool-input.js';

class Line {
  @IsString() @MinLength(2) sku!: string;
  @IsInt() @Min(1) @Max(99) count!: number;
}

class Order {
  @Describe('Who orders.') @IsEmail() customer!: string;
  @ValidateNested({ each: true })
  @Type(() => Line)
  @ArrayMinSize(1)
  @ArrayMaxSize(9)
  lines!: Line[];
  @IsOptional() @Matches(/^[A-Z]+$/) coupon?: string;
  @IsOptional() @IsIn(['fast', 'cheap']) shipping?: 'fast' | 'cheap';
}

describe('ToolInput', () => {
  it('leaves optional properties optional', () => {
    const { schema } = ToolInput.of(Order);

    expect(schema.required).to.deep.equal(['customer', 'lines']);
    expect(schema)
      .to.have.nested.property('properties.shipping')
      .that.deep.equals({
        type: 'string',
        enum: ['fast', 'cheap'],
      });
  });

  it('describes keywords that codex drops from the schema of a tool', () => {
    const { schema } = ToolInput.of(Order);

    expect(schema.properties).to.deep.include({
      customer: { type: 'string', description: 'Who orders.\nConstraints: format email.' },
      lines: {
        type: 'array',
        minItems: 1,
        items: { $ref: '#/$defs/Line' },
        description: 'Constraints: at most 9 items.',
      },
      coupon: { type: 'string', description: 'Constraints: matches /^[A-Z]+$/.' },
    });
    expect(schema.$defs).to.deep.equal({
      Line: {
        type: 'object',
        properties: {
          sku: { type: 'string', description: 'Constraints: at least 2 characters.' },
          count: { type: 'integer', description: 'Constraints: at least 1; at most 99.' },
        },
        required: ['sku', 'count'],
        additionalProperties: false,
      },
    });
  });

  it('describes them inside nullable unions too', () => {
    class Input {
      @ValidateIf((_, value) => value !== null)
      @ValidateNested()
      @Type(() => Line)
      line!: Line | null;
      @IsString({ each: true }) @MinLength(3, { each: true }) @ArrayUnique() tags!: string[];
    }

    expect(ToolInput.of(Input).schema.properties).to.deep.equal({
      line: { anyOf: [{ $ref: '#/$defs/Line' }, { type: 'null' }] },
      tags: {
        type: 'array',
        items: { type: 'string', description: 'Constraints: at least 3 characters.' },
        description: 'Constraints: no duplicate items.',
      },
    });
  });

  it('creates a validated instance from the arguments', () => {
    const outcome = ToolInput.of(Order).read({
      customer: 'ann@example.com',
      lines: [{ sku: 'ab', count: 2 }],
      coupon: null,
    });

    expect(outcome).to.have.nested.property('value').that.is.instanceOf(Order);
    expect(outcome).to.have.nested.property('value.lines[0]').that.is.instanceOf(Line);
    expect(outcome).not.to.have.nested.property('value.coupon');
  });

  it('reports all problems of the arguments', () => {
    const outcome = ToolInput.of(Order).read({ customer: 'ann', lines: [{ sku: 'a' }], to: 1 });

    expect(outcome)
      .to.have.property('problems')
      .with.deep.members([
        { path: 'lines[0].count', reason: 'is missing' },
        { path: 'to', reason: 'is unknown' },
        { path: 'customer', reason: 'must be an email, got "ann"' },
        {
          path: 'lines[0].sku',
          reason: 'must be longer than or equal to 2 characters, got "a"',
        },
      ]);
  });

  it('reports arguments that are not an object', () => {
    expect(ToolInput.of(Order).read('go')).to.deep.equal({
      ok: false,
      problems: [{ path: '', reason: 'must be an object, got "go"' }],
    });
  });

  it('refuses a class whose properties cannot be set', () => {
    class Vague {
      @Allow() anything!: unknown;
    }

    expect(() => ToolInput.of(Vague)).to.throw(
      ValidationError,
      'Invalid tool input class Vague:\n  Vague.anything: has no type',
    );
  });
});
