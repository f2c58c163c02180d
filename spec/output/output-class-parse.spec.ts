import { expect } from 'chai';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { OutputClass, OutputOutcome } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

class Owner {
  @IsString() name!: string;
  @IsOptional() @IsString() mail?: string;

  greet(): string {
    return `Hello ${this.name}`;
  }
}

class Report {
  @IsString() @MinLength(3) summary!: string;
  @IsIn(['low', 'high']) risk!: 'low' | 'high';
  @ValidateNested() @Type(() => Owner) owner!: Owner;
  @ValidateNested({ each: true }) @Type(() => Owner) reviewers!: Owner[];
  @IsInt({ each: true }) lines!: number[];
  @IsOptional() @IsString() note?: string;
}

const answer = {
  summary: 'All is well',
  risk: 'low',
  owner: { name: 'Ann', mail: null },
  reviewers: [{ name: 'Bob', mail: 'bob@example.com' }],
  lines: [3, 5],
  note: null,
};

describe('the answer in a class', () => {
  it('becomes an instance with instances inside', () => {
    const { value } = accepted(outputFormat(Report).parse(JSON.stringify(answer)));

    expect(value).to.be.instanceOf(Report);
    expect(value.owner).to.be.instanceOf(Owner);
    expect(value.reviewers[0]).to.be.instanceOf(Owner);
    expect(value.reviewers[0]?.greet()).to.equal('Hello Bob');
    expect(value.lines).to.deep.equal([3, 5]);
  });

  it('omits an optional property that is null or absent', () => {
    const { note, ...without } = answer;

    const fromNull = accepted(outputFormat(Report).parse(JSON.stringify(answer))).value;
    const fromNothing = accepted(outputFormat(Report).parse(JSON.stringify(without))).value;

    expect(note).to.equal(null);
    expect(fromNull).not.to.have.property('note');
    expect(fromNull.owner).not.to.have.property('mail');
    expect(fromNothing).to.deep.equal(fromNull);
  });

  it('keeps the initial value of an optional property that is null', () => {
    class Options {
      @IsOptional() @IsString() tone?: string = 'plain';
      @IsOptional() @IsString() end: string | null = null;
    }

    const { value } = accepted(outputFormat(Options).parse('{"tone":null,"end":null}'));

    expect(value).to.deep.equal(new Options());
  });

  it('keeps null for a required nullable property', () => {
    class Options {
      @ValidateIf((_, value) => value !== null) @IsString() end!: string | null;
    }

    const { value } = accepted(outputFormat(Options).parse('{"end":null}'));

    expect(value.end).to.equal(null);
  });

  it('reports all problems at once, each with its path and value', () => {
    const wrong = {
      summary: 'no',
      risk: 'unknown',
      owner: { name: 7 },
      reviewers: [{ name: 'Bob' }, { mail: 1 }],
      lines: [1, 'two'],
      extra: true,
    };

    const outcome = outputFormat(Report).parse(JSON.stringify(wrong));

    expect(refused(outcome)).to.have.deep.members([
      { path: 'reviewers[1].name', reason: 'is missing' },
      { path: 'extra', reason: 'is unknown' },
      { path: 'summary', reason: 'must be longer than or equal to 3 characters, got "no"' },
      {
        path: 'risk',
        reason: 'must be one of the following values: low, high, got "unknown"',
      },
      { path: 'owner.name', reason: 'must be a string, got 7' },
      { path: 'reviewers[1].mail', reason: 'must be a string, got 1' },
      {
        path: 'lines',
        reason: 'each value in lines must be an integer number, got [1,"two"]',
      },
    ]);
  });

  it('reports a missing property only as missing', () => {
    expect(refused(outputFormat(Report).parse('{}'))).to.deep.equal(
      ['summary', 'risk', 'owner', 'reviewers', 'lines'].map((path) => ({
        path,
        reason: 'is missing',
      })),
    );
  });

  it('rejects null for a required value', () => {
    const outcome = outputFormat(Report).parse(
      JSON.stringify({ ...answer, owner: null, risk: null }),
    );

    expect(refused(outcome)).to.have.deep.members([
      {
        path: 'risk',
        reason: 'must be one of the following values: low, high, got null',
      },
      {
        path: 'owner',
        reason: 'nested property owner must be either object or array, got null',
      },
    ]);
  });

  it('rejects a single value for a list, and a list for a single value', () => {
    const wrong = { ...answer, lines: 3, owner: [answer.owner], reviewers: answer.owner };

    expect(refused(outputFormat(Report).parse(JSON.stringify(wrong)))).to.deep.equal([
      { path: 'owner', reason: 'must not be an array, got [{"name":"Ann","mail":null}]' },
      { path: 'reviewers', reason: 'must be an array, got {"name":"Ann","mail":null}' },
      { path: 'lines', reason: 'must be an array, got 3' },
    ]);
  });

  it('is rejected if it is JSON but not an object', () => {
    expect(refused(outputFormat(Report).parse('[1]'))).to.deep.equal([
      { path: '', reason: 'must be an object, got [1]' },
    ]);
    expect(refused(outputFormat(Report).parse('null'))).to.deep.equal([
      { path: '', reason: 'must be an object, got null' },
    ]);
  });

  it('cannot reach the prototype', () => {
    class Plain {
      @IsString() name!: string;
    }

    const outcome = outputFormat(Plain).parse('{"name":"x","__proto__":{"isAdmin":true}}');

    expect(accepted(outcome).value).not.to.have.property('isAdmin');
    expect({}).not.to.have.property('isAdmin');
  });

  it('is rejected without throwing if a transformation of the class throws', () => {
    class Picky {
      @IsString() @Transform(({ value }) => (value as string).trim()) name!: string;
    }

    const [problem] = refused(outputFormat(Picky).parse('{"name":7}'));

    expect(problem?.reason).to.match(/^cannot be read: TypeError: .*trim.*, got \{"name":7\}$/);
  });

  it('is rejected without throwing if a validator of the class throws', () => {
    class Picky {
      @IsString()
      @ValidateBy({
        name: 'isPicky',
        validator: {
          validate: () => {
            throw new Error('no');
          },
        },
      })
      name!: string;
    }

    expect(refused(outputFormat(Picky).parse('{"name":"x"}'))).to.deep.equal([
      { path: '', reason: 'cannot be read: Error: no, got {"name":"x"}' },
    ]);
  });

  it('is rejected if it is nested too deeply', () => {
    class Tree {
      @IsArray() @ValidateNested({ each: true }) @Type(() => Tree) in!: Tree[];
    }
    const depth = 100_000;

    const outcome = outputFormat(Tree).parse('{"in":['.repeat(depth) + ']}'.repeat(depth));

    expect(refused(outcome)[0]?.reason).to.match(/^cannot be read: RangeError/);
  });

  it('is transformed by the class before it is validated', () => {
    class Trimmed {
      @IsString()
      @MinLength(2)
      @Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)))
      name!: string;
    }

    expect(accepted(outputFormat(Trimmed).parse('{"name":" ab "}')).value.name).to.equal('ab');
    expect(refused(outputFormat(Trimmed).parse('{"name":" a "}'))).to.have.length(1);
  });

  it('uses the property names of the class, regardless of @Expose and @Exclude', () => {
    class Outward {
      @Expose({ name: 'full_name' }) @IsString() fullName!: string;
      @IsString() @Exclude() secret!: string;
    }
    const format = outputFormat(Outward);

    const { value } = accepted(format.parse('{"fullName":"Ann","secret":"s"}'));

    expect(format.schema.required).to.deep.equal(['fullName', 'secret']);
    expect([value.fullName, value.secret]).to.deep.equal(['Ann', 's']);
  });

  it('is inherited', () => {
    class Urgent extends Report {
      @IsInt() hours!: number;
    }

    const { value } = accepted(outputFormat(Urgent).parse(JSON.stringify({ ...answer, hours: 2 })));

    expect(value).to.be.instanceOf(Urgent);
    expect(value.hours).to.equal(2);
    expect(value.owner).to.be.instanceOf(Owner);
  });
});

function accepted<T>(outcome: OutputOutcome<T>): { value: T } {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}

function refused(outcome: OutputOutcome<unknown>): readonly { path: string; reason: string }[] {
  if (outcome.ok) throw new Error('the answer was accepted');
  return outcome.problems;
}

// Only the class describes its answers.
outputFormat satisfies (source: OutputClass<Report>) => {
  parse: (text: string) => OutputOutcome<Report>;
};
