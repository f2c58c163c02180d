import { expect } from 'chai';
import {
  ArrayUnique,
  IsFQDN,
  IsIBAN,
  IsNumber,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
} from 'class-validator';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

describe('outputFormat of a class with rules that strict mode has no keyword for', () => {
  it('describes lengths, unsupported formats and uniqueness', () => {
    class Said {
      @Length(3, 10) code!: string;
      @MinLength(2) @MaxLength(4) name!: string;
      @IsUrl() link!: string;
      @IsString({ each: true }) @ArrayUnique() tags!: string[];
    }

    expect(propertiesOf(Said)).to.deep.equal({
      code: {
        type: 'string',
        description: 'Constraints: at least 3 characters; at most 10 characters.',
      },
      name: {
        type: 'string',
        description: 'Constraints: at least 2 characters; at most 4 characters.',
      },
      link: { type: 'string', description: 'Constraints: format uri.' },
      tags: {
        type: 'array',
        items: { type: 'string' },
        description: 'Constraints: no duplicate items.',
      },
    });
  });

  it('describes a pattern with a lookaround, a backreference or a flag', () => {
    class Said {
      @Matches(/^(?!x)a/) ahead!: string;
      @Matches(/(a)\1/) back!: string;
      @Matches(/^yes$/i) flagged!: string;
      @Matches('^yes$', 'i') modified!: string;
      @Matches(/[(?=]\(\?=/) harmless!: string;
    }

    expect(propertiesOf(Said)).to.deep.equal({
      ahead: { type: 'string', description: 'Constraints: matches /^(?!x)a/.' },
      back: { type: 'string', description: 'Constraints: matches /(a)\\1/.' },
      flagged: { type: 'string', description: 'Constraints: matches /^yes$/i.' },
      modified: { type: 'string', description: 'Constraints: matches /^yes$/i.' },
      harmless: { type: 'string', pattern: '[(?=]\\(\\?=' },
    });
  });

  it('describes a second pattern', () => {
    class Said {
      @Matches(/b$/) @Matches(/^a/) both!: string;
    }

    expect(propertiesOf(Said)).to.deep.equal({
      both: { type: 'string', pattern: 'b$', description: 'Constraints: matches /^a/.' },
    });
  });

  it('describes the other string rules of class-validator by their messages', () => {
    class Said {
      @IsIBAN() account!: string;
      @IsFQDN() host!: string;
      @IsUUID('4') id!: string;
      @IsNumber({ maxDecimalPlaces: 2 }) price!: number;
      @IsIBAN({}, { each: true }) accounts!: string[];
    }

    expect(propertiesOf(Said)).to.deep.equal({
      account: { type: 'string', description: 'Constraints: account must be an IBAN.' },
      host: {
        type: 'string',
        format: 'hostname',
        description: 'Constraints: host must be a valid domain name.',
      },
      id: { type: 'string', format: 'uuid', description: 'Constraints: a UUID of version 4.' },
      price: { type: 'number', description: 'Constraints: at most 2 decimal places.' },
      accounts: {
        type: 'array',
        items: { type: 'string' },
        description: 'Constraints: each value in accounts must be an IBAN.',
      },
    });
  });

  it('describes a custom rule by its default message', () => {
    class Said {
      @IsString()
      @ValidateBy({
        name: 'isPalindrome',
        constraints: ['strictly'],
        validator: {
          validate: () => true,
          defaultMessage: () =>
            '$property of $target must read the same backwards, $constraint1, not $value',
        },
      })
      word!: string;
    }

    expect(propertiesOf(Said)).to.deep.equal({
      word: {
        type: 'string',
        description:
          'Constraints: word of Said must read the same backwards, strictly, not the value.',
      },
    });
  });

  it('describes a custom rule without a default message by the message of the decorator', () => {
    class Said {
      @IsString()
      @ValidateBy(
        { name: 'isOdd', validator: { validate: () => true } },
        { message: 'must be odd' },
      )
      word!: string;
    }

    expect(propertiesOf(Said)).to.deep.equal({
      word: { type: 'string', description: 'Constraints: must be odd.' },
    });
  });

  it('omits a message that depends on the value', () => {
    class Said {
      @IsString()
      @ValidateBy({
        name: 'isShy',
        validator: {
          validate: () => true,
          defaultMessage: (args) => `not ${(args?.value as string).toUpperCase()}`,
        },
      })
      word!: string;
    }

    expect(propertiesOf(Said)).to.deep.equal({ word: { type: 'string' } });
  });
});

function propertiesOf(type: OutputClass): object {
  return outputFormat(type).schema.properties as object;
}
