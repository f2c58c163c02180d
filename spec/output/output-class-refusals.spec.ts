import { expect } from 'chai';
import { Transform, Type } from 'class-transformer';
import {
  Allow,
  Equals,
  IsArray,
  IsDate,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  MinLength,
  registerDecorator,
  ValidateIf,
  ValidateNested,
  ValidatePromise,
} from 'class-validator';
import { ValidationError, type ValidationProblem } from '../../lib/errors.js';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

describe('outputFormat refuses before anything is sent', () => {
  class Owner {
    @IsString() name!: string;
  }

  it('a class without decorators', () => {
    class Bare {
      name!: string;
    }

    expect(problemsOf(Bare)).to.deep.equal([
      {
        path: 'Bare',
        reason: 'has no property with a class-validator decorator: add one, such as @IsString()',
      },
    ]);
  });

  it('properties without a type from a validator', () => {
    class Report {
      @Allow() anything!: string;
      @IsNotEmpty() something!: string;
      @IsArray() list!: unknown[];
    }

    const add = 'has no type: add a validator';
    expect(problemsOf(Report)).to.deep.equal([
      {
        path: 'Report.anything',
        reason: `${add} that determines it, such as @IsString(), @IsInt() or @ValidateNested()`,
      },
      {
        path: 'Report.something',
        reason: `${add} that determines it, such as @IsString(), @IsInt() or @ValidateNested()`,
      },
      {
        path: 'Report.list[]',
        reason: `${add} with { each: true }, such as @IsString({ each: true })`,
      },
    ]);
  });

  it('objects without a class, arrays of arrays, Maps, Sets, Dates and Promises', () => {
    class Report {
      @IsObject() object!: object;
      @IsArray({ each: true }) matrix!: string[][];
      @ValidateNested() @Type(() => Owner) map!: Map<string, Owner>;
      @ValidateNested() @Type(() => Owner) set!: Set<Owner>;
      @IsDate() at!: Date;
      @ValidatePromise() later!: Promise<string>;
    }

    expect(problemsOf(Report)).to.deep.equal([
      {
        path: 'Report.object',
        reason: 'an object needs a class: add @ValidateNested() and @Type(() => Class)',
      },
      {
        path: 'Report.matrix[]',
        reason: 'an array of arrays cannot be described: put the inner array into a class',
      },
      {
        path: 'Report.map',
        reason: 'a Map or a Set is not JSON: use an array of a decorated class',
      },
      {
        path: 'Report.set',
        reason: 'a Map or a Set is not JSON: use an array of a decorated class',
      },
      { path: 'Report.at', reason: 'a Date is not JSON: use a string with @IsISO8601()' },
      { path: 'Report.later', reason: 'a Promise is not JSON' },
    ]);
  });

  it('nested values of an unknown class', () => {
    class Report {
      @ValidateNested() owner!: { name: string };
      @ValidateNested({ each: true }) owners!: Owner[];
    }

    expect(problemsOf(Report)).to.deep.equal([
      {
        path: 'Report.owner',
        reason:
          'has no known class: add @Type(() => Class) of class-transformer, or @IsInstance(Class)',
      },
      {
        path: 'Report.owners',
        reason:
          'has no known class: add @Type(() => Class) of class-transformer, or @IsInstance(Class, { each: true })',
      },
    ]);
  });

  it('a nested value with a discriminator', () => {
    class Report {
      @ValidateNested()
      @Type(() => Owner, {
        discriminator: { property: 'kind', subTypes: [{ name: 'o', value: Owner }] },
      })
      one!: Owner;
      @ValidateNested({ each: true })
      @Type(() => Owner, {
        discriminator: { property: 'kind', subTypes: [{ name: 'o', value: Owner }] },
      })
      many!: Owner[];
    }

    const reason = '@Type with the discriminator "kind" is not supported';
    expect(problemsOf(Report)).to.deep.equal([
      { path: 'Report.one', reason },
      { path: 'Report.many', reason },
    ]);
  });

  it('a nested value whose transformation fails on the probe, without another source of its class', () => {
    class Report {
      @ValidateNested({ each: true })
      @Transform(({ value }) => (value as { name: string }[]).map(({ name }) => name.trim()))
      owners!: Owner[];
    }

    expect(problemsOf(Report)).to.have.length(1);
    expect(problemsOf(Report)[0]?.path).to.equal('Report.owners');
  });

  it('conditions, groups and asynchronous validators', () => {
    class Report {
      @ValidateIf((report: Report) => report.kind === 'x') @IsString() kind!: string;
      @ValidateIf((_, value) => value === 'x') @IsString() chosen!: string;
      @ValidateIf((report: Report) => report.chosen !== '') @IsString() other!: string;
      @IsString({ groups: ['admin'] }) grouped!: string;
      @IsString({ validateIf: () => true }) sometimes!: string;
      @IsString() @isTaken() later!: string;
    }

    expect(problemsOf(Report)).to.deep.equal([
      { path: 'Report.kind', reason: conditional },
      { path: 'Report.chosen', reason: conditional },
      { path: 'Report.other', reason: conditional },
      { path: 'Report.grouped', reason: 'validation groups (admin) are not supported' },
      {
        path: 'Report.sometimes',
        reason: 'the option validateIf cannot be described to the model',
      },
      {
        path: 'Report.later',
        reason: 'the validator isTaken is asynchronous, which is not supported',
      },
    ]);
  });

  it('validators that contradict each other', () => {
    class Report {
      @IsString() @IsInt() both!: string;
      @IsArray() @IsString() tags!: string[];
      @IsIn(['a', 'b']) @IsIn(['c']) none!: string;
      @IsString() @ValidateNested() @Type(() => Owner) owner!: Owner;
    }

    expect(problemsOf(Report)).to.deep.equal([
      { path: 'Report.both', reason: 'cannot be string and integer at once (isInt)' },
      {
        path: 'Report.tags',
        reason:
          'cannot be array and string at once (isString): add { each: true } to apply it to the items',
      },
      {
        path: 'Report.none',
        reason: 'has no value that satisfies all its validators (isIn)',
      },
      { path: 'Report.owner', reason: 'cannot be object and string at once (isString)' },
    ]);
  });

  it('lists of values that JSON cannot represent', () => {
    class Report {
      @IsIn([]) none!: string;
      @IsIn(['a', { b: 1 }]) object!: unknown;
      @Equals(undefined) nothing!: undefined;
      @Equals(Number.NaN) never!: number;
    }

    expect(problemsOf(Report)).to.deep.equal([
      { path: 'Report.none', reason: 'lists no value that JSON can represent' },
      { path: 'Report.object', reason: 'allows a value (object) that JSON cannot represent' },
      { path: 'Report.nothing', reason: 'allows a value (undefined) that JSON cannot represent' },
      { path: 'Report.never', reason: 'allows a value (number) that JSON cannot represent' },
    ]);
  });

  it('all problems at once, with the path through nested classes and arrays', () => {
    class Contact {
      @Allow() phone!: string;
    }
    class Item {
      @ValidateNested() @Type(() => Contact) owner!: Contact;
      @IsDate() due!: Date;
    }
    class Report {
      @ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
      @Allow() note!: string;
    }

    expect(problemsOf(Report).map(({ path }) => path)).to.deep.equal([
      'Report.items[].owner.phone',
      'Report.items[].due',
      'Report.note',
    ]);
  });

  it('more than ten levels of objects', () => {
    const root = nestedClasses(11);

    expect(problemsOf(root)).to.deep.equal([
      { path: 'Level', reason: 'has 11 levels of objects; strict mode allows 10' },
    ]);
  });

  it('but accepts ten levels of objects', () => {
    expect(() => outputFormat(nestedClasses(10))).not.to.throw();
  });

  it('values other than a class, a Standard Schema or a JSON Schema', () => {
    for (const source of [undefined, null, 'Report', 7, {}, []])
      expect(() => outputFormat(source as OutputClass)).to.throw(
        ValidationError,
        'must be a decorated class, a Standard Schema or { jsonSchema }, got ',
      );
  });

  it('with an error that names the class and all paths', () => {
    class Report {
      @Allow() note!: string;
      @MinLength(1) @IsOptional() title?: string;
    }

    expect(() => outputFormat(Report)).to.throw(
      ValidationError,
      'Invalid output class Report:\n  Report.note: has no type: add a validator that determines it',
    );
  });
});

const conditional =
  '@ValidateIf with a condition cannot be described to the model: use @IsOptional()';

function problemsOf(type: OutputClass): readonly ValidationProblem[] {
  try {
    outputFormat(type);
  } catch (error) {
    expect(error).to.be.instanceOf(ValidationError);
    return (error as ValidationError).problems;
  }
  return [];
}

function isTaken(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isTaken',
      async: true,
      target: target.constructor,
      propertyName: property as string,
      validator: { validate: async () => Promise.resolve(true) },
    });
  };
}

function nestedClasses(levels: number): OutputClass {
  class Level extends Object {}
  if (levels === 1) IsString()(Level.prototype, 'value');
  else {
    const below = nestedClasses(levels - 1);
    ValidateNested()(Level.prototype, 'below');
    Type(() => below)(Level.prototype, 'below');
  }
  return Level;
}
