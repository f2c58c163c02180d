import { expect } from 'chai';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInstance,
  IsInt,
  IsOptional,
  IsString,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { Describe } from '../../lib/output/description.js';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';

describe('outputFormat of a class that builds on others', () => {
  describe('nested classes', () => {
    class Owner {
      @IsString() name!: string;
    }

    it('puts a nested class under $defs once, however often it is used', () => {
      class Report {
        @ValidateNested() @Type(() => Owner) owner!: Owner;
        @ValidateNested({ each: true }) @Type(() => Owner) reviewers!: Owner[];
        @IsOptional() @ValidateNested() @Type(() => Owner) deputy?: Owner;
      }

      const { schema } = outputFormat(Report);

      expect(schema.properties).to.deep.equal({
        owner: { $ref: '#/$defs/Owner' },
        reviewers: { type: 'array', items: { $ref: '#/$defs/Owner' } },
        deputy: { anyOf: [{ $ref: '#/$defs/Owner' }, { type: 'null' }] },
      });
      expect(schema.$defs).to.deep.equal({
        Owner: {
          type: 'object',
          properties: { name: { type: 'string' } },
          required: ['name'],
          additionalProperties: false,
        },
      });
    });

    it('takes an array without { each: true } from the type of the property', () => {
      class Report {
        @ValidateNested() @Type(() => Owner) owners!: Owner[];
      }

      expect(propertiesOf(Report)).to.deep.equal({
        owners: { type: 'array', items: { $ref: '#/$defs/Owner' } },
      });
    });

    it('takes the class of a single nested value from the type of the property', () => {
      class Report {
        @ValidateNested() owner!: Owner;
      }

      expect(propertiesOf(Report)).to.deep.equal({ owner: { $ref: '#/$defs/Owner' } });
    });

    it('takes the class of nested values from @IsInstance', () => {
      class Report {
        @ValidateNested({ each: true }) @IsInstance(Owner, { each: true }) owners!: Owner[];
      }

      expect(propertiesOf(Report)).to.deep.equal({
        owners: { type: 'array', items: { $ref: '#/$defs/Owner' } },
      });
    });

    it('refers to the root as # and to other classes by name when they recur', () => {
      class Leaf {
        @IsOptional() @ValidateNested() @Type(() => Leaf) next?: Leaf;
      }
      class Tree {
        @ValidateNested({ each: true }) @Type(() => Tree) children!: Tree[];
        @ValidateNested() @Type(() => Leaf) leaf!: Leaf;
      }

      const { schema } = outputFormat(Tree);

      expect(schema.properties).to.deep.equal({
        children: { type: 'array', items: { $ref: '#' } },
        leaf: { $ref: '#/$defs/Leaf' },
      });
      expect(schema.$defs)
        .to.have.nested.property('Leaf.properties.next.anyOf')
        .that.deep.equals([{ $ref: '#/$defs/Leaf' }, { type: 'null' }]);
    });

    it('keeps two classes of one name apart', () => {
      const first = textClass('Item');
      const second = countClass('Item');
      class Report {
        @ValidateNested() @Type(() => first) one!: object;
        @ValidateNested() @Type(() => second) other!: object;
      }

      const { schema } = outputFormat(Report);

      expect(schema.properties).to.deep.equal({
        one: { $ref: '#/$defs/Item' },
        other: { $ref: '#/$defs/Item_2' },
      });
      expect(schema.$defs).to.have.nested.property('Item.properties.text');
      expect(schema.$defs).to.have.nested.property('Item_2.properties.count');
    });

    it('gives a class without a usable name one that a reference can carry', () => {
      const anonymous = textClass('');
      const accented = countClass('Größe');
      class Report {
        @ValidateNested() @Type(() => anonymous) one!: object;
        @ValidateNested() @Type(() => accented) other!: object;
      }

      expect(propertiesOf(Report)).to.deep.equal({
        one: { $ref: '#/$defs/Class' },
        other: { $ref: '#/$defs/Gr__e' },
      });
    });
  });

  describe('inheritance', () => {
    class Base {
      @IsString() id!: string;
      @IsString() note!: string;
    }
    class Middle extends Base {
      @IsInt() count!: number;
    }
    class Leaf extends Middle {
      @IsString() @IsIn(['x']) override note!: string;
      @IsBoolean() done!: boolean;
    }

    it('puts the properties of the classes above first', () => {
      expect(Object.keys(propertiesOf(Leaf))).to.deep.equal(['id', 'count', 'note', 'done']);
    });

    it('applies the rules of the subclass to a property it declares again', () => {
      expect(propertiesOf(Leaf))
        .to.have.property('note')
        .that.deep.equals({ type: 'string', const: 'x' });
    });

    it('leaves the class above as it was', () => {
      expect(propertiesOf(Base)).to.deep.equal({
        id: { type: 'string' },
        note: { type: 'string' },
      });
    });
  });

  describe('descriptions', () => {
    it('carries the descriptions of classes and properties', () => {
      @Describe('One finding of the review.')
      class Finding {
        @Describe('What is wrong.') @IsString() text!: string;
      }
      @Describe('The review.')
      class Review {
        @Describe('How bad it is.') @IsInt() severity!: number;
        @ValidateNested({ each: true }) @Type(() => Finding) findings!: Finding[];
      }

      const { schema } = outputFormat(Review);

      expect(schema.description).to.equal('The review.');
      expect(schema).to.have.nested.property('properties.severity.description', 'How bad it is.');
      expect(schema).to.have.nested.property(
        '$defs.Finding.description',
        'One finding of the review.',
      );
      expect(schema).to.have.nested.property(
        '$defs.Finding.properties.text.description',
        'What is wrong.',
      );
    });

    it('puts the description before what is said of the constraints', () => {
      class Review {
        @Describe('A short code.') @MinLength(3) code!: string;
      }

      expect(propertiesOf(Review)).to.deep.equal({
        code: { type: 'string', description: 'A short code.\nConstraints: at least 3 characters.' },
      });
    });

    it('wraps a reference that is described, since strict mode wants it to stand alone', () => {
      class Owner {
        @IsString() name!: string;
      }
      class Review {
        @Describe('Who mends it.') @ValidateNested() @Type(() => Owner) owner!: Owner;
        @Describe('Who helps.') @IsOptional() @ValidateNested() @Type(() => Owner) helper?: Owner;
      }

      expect(propertiesOf(Review)).to.deep.equal({
        owner: { description: 'Who mends it.', anyOf: [{ $ref: '#/$defs/Owner' }] },
        helper: { description: 'Who helps.', anyOf: [{ $ref: '#/$defs/Owner' }, { type: 'null' }] },
      });
    });
  });
});

function propertiesOf(type: OutputClass): object {
  return outputFormat(type).schema.properties as object;
}

function textClass(name: string): OutputClass {
  class Text {
    @IsString() text!: string;
  }
  Object.defineProperty(Text, 'name', { value: name });
  return Text;
}

function countClass(name: string): OutputClass {
  class Count {
    @IsInt() count!: number;
  }
  Object.defineProperty(Count, 'name', { value: name });
  return Count;
}
