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

describe('outputFormat of a class that refers to others', () => {
  describe('nested classes', () => {
    class Owner {
      @IsString() name!: string;
    }

    it('puts a nested class under $defs once, even if it is used repeatedly', () => {
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

    it('recognizes an array without { each: true } by the type of the property', () => {
      class Report {
        @ValidateNested() @Type(() => Owner) owners!: Owner[];
      }

      expect(propertiesOf(Report)).to.deep.equal({
        owners: { type: 'array', items: { $ref: '#/$defs/Owner' } },
      });
    });

    it('reads the class of a single nested value from the type of the property', () => {
      class Report {
        @ValidateNested() owner!: Owner;
      }

      expect(propertiesOf(Report)).to.deep.equal({ owner: { $ref: '#/$defs/Owner' } });
    });

    it('reads the class of nested values from @IsInstance', () => {
      class Report {
        @ValidateNested({ each: true }) @IsInstance(Owner, { each: true }) owners!: Owner[];
      }

      expect(propertiesOf(Report)).to.deep.equal({
        owners: { type: 'array', items: { $ref: '#/$defs/Owner' } },
      });
    });

    it('refers to the root as # and to other recursive classes by name', () => {
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

    it('distinguishes two classes with the same name', () => {
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

    it('generates a valid name for a class without one', () => {
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

    it('puts the properties of superclasses first', () => {
      expect(Object.keys(propertiesOf(Leaf))).to.deep.equal(['id', 'count', 'note', 'done']);
    });

    it('applies the rules of the subclass to a redeclared property', () => {
      expect(propertiesOf(Leaf))
        .to.have.property('note')
        .that.deep.equals({ type: 'string', const: 'x' });
    });

    it('does not change the superclass', () => {
      expect(propertiesOf(Base)).to.deep.equal({
        id: { type: 'string' },
        note: { type: 'string' },
      });
    });
  });

  describe('descriptions', () => {
    it('contains the descriptions of classes and properties', () => {
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

    it('puts the description before the constraints', () => {
      class Review {
        @Describe('A short code.') @MinLength(3) code!: string;
      }

      expect(propertiesOf(Review)).to.deep.equal({
        code: { type: 'string', description: 'A short code.\nConstraints: at least 3 characters.' },
      });
    });

    it('wraps a reference with a description, because strict mode requires references without siblings', () => {
      class Owner {
        @IsString() name!: string;
      }
      class Review {
        @Describe('Who repairs it.') @ValidateNested() @Type(() => Owner) owner!: Owner;
        @Describe('Who helps.') @IsOptional() @ValidateNested() @Type(() => Owner) helper?: Owner;
      }

      expect(propertiesOf(Review)).to.deep.equal({
        owner: { description: 'Who repairs it.', anyOf: [{ $ref: '#/$defs/Owner' }] },
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
