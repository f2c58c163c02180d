import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import { Describe, descriptionOf } from '../../lib/output/description.js';

describe('Describe', () => {
  @Describe('The base.')
  class Base {
    @Describe('What it is called.') name!: string;
    @Describe('How many.') count!: number;
  }
  class Leaf extends Base {
    @Describe('How many leaves.') override count!: number;
  }

  it('describes a class', () => {
    expect(descriptionOf(Base, null)).to.equal('The base.');
  });

  it('describes a property', () => {
    expect(descriptionOf(Base, 'name')).to.equal('What it is called.');
  });

  it('is inherited by subclasses for a property', () => {
    expect(descriptionOf(Leaf, 'name')).to.equal('What it is called.');
  });

  it('can be overridden for a property in a subclass', () => {
    expect(descriptionOf(Leaf, 'count')).to.equal('How many leaves.');
    expect(descriptionOf(Base, 'count')).to.equal('How many.');
  });

  it('is not inherited by subclasses for a class', () => {
    expect(descriptionOf(Leaf, null)).to.equal(undefined);
  });

  it('does not add enumerable keys to the class', () => {
    expect(Object.keys(Base)).to.deep.equal([]);
  });

  it('names the missing compiler option if it is called as a standard decorator', () => {
    const decorate = Describe('What it is called.') as (...args: unknown[]) => void;

    expect(() => {
      decorate(undefined, { kind: 'field', name: 'name' });
    }).to.throw(ValidationError, 'name: needs the compiler option experimentalDecorators');
    expect(() => {
      decorate(Leaf, { kind: 'class', name: 'Leaf' });
    }).to.throw(ValidationError, 'Leaf: needs the compiler option');
  });
});
