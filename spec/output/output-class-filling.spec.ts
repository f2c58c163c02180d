import { expect } from 'chai';
import { Exclude, Expose } from 'class-transformer';
import { IsString } from 'class-validator';
import { ValidationError, type ValidationProblem } from '../../lib/errors.js';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

describe('outputFormat refuses a class whose properties cannot be set', () => {
  it('because its constructor needs arguments', () => {
    class Demanding {
      @IsString() name: string;
      constructor(props: { name: string }) {
        this.name = props.name;
      }
    }

    expect(problemsOf(Demanding as unknown as OutputClass)[0]?.reason).to.match(
      /^cannot be constructed without arguments: Cannot read properties of undefined/,
    );
  });

  it('because it freezes itself', () => {
    class Frozen {
      @IsString() name!: string;
      constructor() {
        Object.freeze(this);
      }
    }

    expect(problemsOf(Frozen)).to.deep.equal([
      {
        path: 'Frozen',
        reason: 'freezes itself in its constructor, so its properties cannot be set',
      },
    ]);
  });

  it('because a property is only computed', () => {
    class Computed {
      @IsString() first!: string;
      @IsString() get initial(): string {
        return this.first;
      }
    }

    expect(problemsOf(Computed)).to.deep.equal([
      { path: 'Computed.initial', reason: 'is a getter without a setter, so it cannot be set' },
    ]);
  });

  it('because it is decorated with @Exclude()', () => {
    @Exclude()
    class Hidden {
      @Expose() @IsString() name!: string;
    }

    expect(problemsOf(Hidden)).to.deep.equal([
      { path: 'Hidden', reason: '@Exclude() on the class excludes all properties: remove it' },
    ]);
  });

  it('because its validation would reject a property without decorators', () => {
    class Undecorated {
      @IsString() name!: string;
      extra = 1;
    }

    expect(problemsOf(Undecorated)).to.deep.equal([
      {
        path: 'Undecorated.extra',
        reason: 'has no class-validator decorator, so it would be rejected as unknown',
      },
    ]);
  });

  it('but not one with a setter', () => {
    class Stored {
      #name = '';
      @IsString() get name(): string {
        return this.#name;
      }
      set name(name: string) {
        this.#name = name;
      }
    }

    expect(outputFormat(Stored).parse('{"name":"Ann"}')).to.have.nested.property(
      'value.name',
      'Ann',
    );
  });
});

function problemsOf(type: OutputClass): readonly ValidationProblem[] {
  try {
    outputFormat(type);
  } catch (error) {
    expect(error).to.be.instanceOf(ValidationError);
    return (error as ValidationError).problems;
  }
  return [];
}
