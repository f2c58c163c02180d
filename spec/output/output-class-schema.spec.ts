import { expect } from 'chai';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotEmpty,
  Contains,
  Equals,
  IsArray,
  IsBoolean,
  IsDateString,
  IsDivisibleBy,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsIP,
  IsISO8601,
  IsNegative,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { meaningOf } from '../../lib/output/class-rules.js';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

describe('outputFormat of a class', () => {
  it('closes the object and requires all properties in the order of declaration', () => {
    class Report {
      @IsString() summary!: string;
      @IsInt() findings!: number;
    }

    expect(outputFormat(Report).schema).to.deep.equal({
      type: 'object',
      properties: { summary: { type: 'string' }, findings: { type: 'integer' } },
      required: ['summary', 'findings'],
      additionalProperties: false,
    });
  });

  it('distinguishes numbers, integers and booleans', () => {
    class Plain {
      @IsNumber() ratio!: number;
      @IsInt() count!: number;
      @IsNumber() @IsInt() both!: number;
      @IsBoolean() done!: boolean;
    }

    expect(propertiesOf(Plain)).to.deep.equal({
      ratio: { type: 'number' },
      count: { type: 'integer' },
      both: { type: 'integer' },
      done: { type: 'boolean' },
    });
  });

  it('makes an optional property nullable and required', () => {
    class Report {
      @IsOptional() @IsString() note?: string;
      @IsOptional() @IsIn(['low', 'high']) risk?: string;
      @IsOptional() @IsString({ each: true }) tags?: string[];
    }

    const { schema } = outputFormat(Report);

    expect(schema.required).to.deep.equal(['note', 'risk', 'tags']);
    expect(schema.properties).to.deep.equal({
      note: { type: ['string', 'null'] },
      risk: { type: ['string', 'null'], enum: ['low', 'high', null] },
      tags: { type: ['array', 'null'], items: { type: 'string' } },
    });
  });

  it('makes a property nullable if its only condition is that it is not null', () => {
    class Report {
      @ValidateIf((_, value) => value !== null) @IsString() note!: string | null;
    }

    expect(propertiesOf(Report)).to.deep.equal({ note: { type: ['string', 'null'] } });
  });

  describe('listed values', () => {
    it('lists the members of a string enum', () => {
      const Risk = { Low: 'low', High: 'high' } as const;
      class Report {
        @IsEnum(Risk) risk!: string;
      }

      expect(propertiesOf(Report)).to.deep.equal({
        risk: { type: 'string', enum: ['low', 'high'] },
      });
    });

    it('lists the numbers of a numeric enum without its reverse mapping', () => {
      const Level = { Low: 1, High: 2, 1: 'Low', 2: 'High' };
      class Report {
        @IsEnum(Level) level!: number;
      }

      expect(propertiesOf(Report)).to.deep.equal({ level: { type: 'integer', enum: [1, 2] } });
    });

    it('finds the members of an enum that an older class-validator does not list', () => {
      expect(meaningOf('isEnum', [{ Low: 1, 1: 'Low' }])).to.deep.equal({
        keywords: { enum: [1] },
      });
      expect(meaningOf('isEnum', [undefined])).to.have.property('refusal');
    });

    it('lists all types of a mixed list', () => {
      class Report {
        @IsIn(['auto', 1, null]) size!: 'auto' | 1 | null;
      }

      expect(propertiesOf(Report)).to.deep.equal({
        size: { type: ['string', 'integer', 'null'], enum: ['auto', 1, null] },
      });
    });

    it('intersects the lists and types of a property', () => {
      class Report {
        @IsString() @IsIn(['a', 'b', 3]) @IsIn(['b', 'c', 'a', 3]) kind!: string;
      }

      expect(propertiesOf(Report)).to.deep.equal({ kind: { type: 'string', enum: ['a', 'b'] } });
    });

    it('writes a single value as a constant', () => {
      class Report {
        @Equals('report') kind!: 'report';
        @Equals(false) done!: false;
      }

      expect(propertiesOf(Report)).to.deep.equal({
        kind: { type: 'string', const: 'report' },
        done: { type: 'boolean', const: false },
      });
    });
  });

  describe('bounds and formats', () => {
    it('writes the bounds of numbers', () => {
      class Bounds {
        @Min(1) @Max(5) stars!: number;
        @IsPositive() @IsInt() count!: number;
        @IsNegative() debt!: number;
        @IsInt() @IsDivisibleBy(5) step!: number;
      }

      expect(propertiesOf(Bounds)).to.deep.equal({
        stars: { type: 'number', minimum: 1, maximum: 5 },
        count: { type: 'integer', exclusiveMinimum: 0 },
        debt: { type: 'number', exclusiveMaximum: 0 },
        step: { type: 'integer', multipleOf: 5 },
      });
    });

    it('keeps the tighter of two bounds', () => {
      class Bounds {
        @Min(1) @Min(3) @Max(9) @Max(7) stars!: number;
      }

      expect(propertiesOf(Bounds)).to.deep.equal({
        stars: { type: 'number', minimum: 3, maximum: 7 },
      });
    });

    it('writes the sizes of arrays', () => {
      class Lists {
        @IsString({ each: true }) @ArrayMinSize(1) @ArrayMaxSize(3) few!: string[];
        @IsInt({ each: true }) @ArrayNotEmpty() some!: number[];
      }

      expect(propertiesOf(Lists)).to.deep.equal({
        few: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string' } },
        some: { type: 'array', minItems: 1, items: { type: 'integer' } },
      });
    });

    it('writes the formats that strict mode supports', () => {
      class Formats {
        @IsEmail() mail!: string;
        @IsUUID() id!: string;
        @IsISO8601() at!: string;
        @IsDateString() on!: string;
        @IsIP(4) v4!: string;
        @IsIP('6') v6!: string;
      }

      expect(propertiesOf(Formats)).to.deep.equal({
        mail: { type: 'string', format: 'email' },
        id: { type: 'string', format: 'uuid' },
        at: { type: 'string', format: 'date-time' },
        on: { type: 'string', format: 'date-time' },
        v4: { type: 'string', format: 'ipv4' },
        v6: { type: 'string', format: 'ipv6' },
      });
    });

    it('writes patterns, and escapes the seed of @Contains', () => {
      class Patterns {
        @Matches(/^[A-Z]{3}-\d+$/) ticket!: string;
        @Matches('^v[0-9]+$') version!: string;
        @Contains('a.b/c') path!: string;
      }

      expect(propertiesOf(Patterns)).to.deep.equal({
        ticket: { type: 'string', pattern: '^[A-Z]{3}-\\d+$' },
        version: { type: 'string', pattern: '^v[0-9]+$' },
        path: { type: 'string', pattern: 'a\\.b\\/c' },
      });
    });
  });

  it('reads arrays by their own rules and by rules of their items', () => {
    class Lists {
      @IsArray() @IsString({ each: true }) both!: string[];
      @IsString({ each: true }) items!: string[];
      @IsIn(['a', 'b'], { each: true }) listed!: string[];
    }

    expect(propertiesOf(Lists)).to.deep.equal({
      both: { type: 'array', items: { type: 'string' } },
      items: { type: 'array', items: { type: 'string' } },
      listed: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
    });
  });
});

function propertiesOf(type: OutputClass): object {
  return outputFormat(type).schema.properties as object;
}
