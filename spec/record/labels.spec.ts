import { expect } from 'chai';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { createStubInstance } from 'sinon';
import { ValidationError } from '../../lib/errors.js';
import { Labels } from '../../lib/record/labels.js';

describe('Labels', () => {
  describe('from', () => {
    it('accepts a plain object, a Map, pairs, and labels', () => {
      const expected = { team: 'payments' };

      expect(Labels.from(expected).toJSON()).to.deep.equal(expected);
      expect(Labels.from(new Map([['team', 'payments']])).toJSON()).to.deep.equal(expected);
      expect(Labels.from([['team', 'payments']]).toJSON()).to.deep.equal(expected);
      expect(Labels.from(Labels.from(expected)).toJSON()).to.deep.equal(expected);
    });

    it('keeps the given order', () => {
      expect(Labels.from({ b: '1', a: '2' }).names).to.deep.equal(['b', 'a']);
    });

    it('is frozen and independent of its input', () => {
      const input = { team: 'payments' };
      const labels = Labels.from(input);

      input.team = 'risk';

      expect(labels).to.be.frozen;
      expect(labels.get('team')).to.equal('payments');
    });

    it('refuses an equals sign in a name', () => {
      expect(() => Labels.from({ 'a=b': 'c' })).to.throw(ValidationError, 'must not contain "="');
    });

    it('allows an equals sign in a value', () => {
      expect(Labels.from({ query: 'a=b' }).get('query')).to.equal('a=b');
    });

    it('refuses an empty name and an empty value', () => {
      expect(() => Labels.from({ '': 'a' })).to.throw('a label name must not be empty');
      expect(() => Labels.from({ ' ': 'a' })).to.throw('a label name must not be empty');
      expect(() => Labels.from({ a: '' })).to.throw('a: must not be empty');
    });

    it('refuses a value that is not a string', () => {
      expect(Labels.check({ a: 1, b: undefined, c: null, d: ['x'] })).to.deep.equal({
        ok: false,
        problems: [
          { path: 'a', reason: 'must be a string, got 1' },
          { path: 'b', reason: 'must be a string, got undefined' },
          { path: 'c', reason: 'must be a string, got null' },
          { path: 'd', reason: 'must be a string, got an array' },
        ],
      });
    });

    it('refuses names with a meaning in JavaScript', () => {
      const input = ['__proto__', 'constructor', 'prototype'].map((name) => [name, 'x'] as const);

      expect(() => Labels.from(input))
        .to.throw(ValidationError)
        .with.property('problems')
        .that.has.length(3);
      expect(Object.prototype).not.to.have.property('x');
    });

    it('refuses a __proto__ from JSON', () => {
      const input = JSON.parse('{"__proto__":"x"}') as Record<string, string>;

      expect(() => Labels.from(input)).to.throw('__proto__: is a reserved name');
    });

    it('accepts names of inherited properties without a meaning', () => {
      expect(Labels.from({ toString: 'x' }).get('toString')).to.equal('x');
      expect(Labels.empty.has('toString')).to.be.false;
    });

    it('refuses a duplicate name', () => {
      const input = [
        ['a', '1'],
        ['a', '1'],
      ] as const;

      expect(() => Labels.from(input)).to.throw('a: is given twice');
    });

    it('refuses a name that is not a string', () => {
      expect(Labels.check(new Map([[1, 'x']]))).to.deep.include({
        problems: [{ path: '1', reason: 'a label name must be a string' }],
      });
    });

    it('accepts 256 bytes in stored form and refuses 257', () => {
      expect(Labels.from({ a: 'x'.repeat(254) }).size).to.equal(1);
      expect(() => Labels.from({ a: 'x'.repeat(255) })).to.throw('has 257 bytes as name=value');
    });

    it('counts bytes of UTF-8, not characters', () => {
      expect(Labels.from({ a: 'é'.repeat(127) }).size).to.equal(1);
      expect(() => Labels.from({ a: 'é'.repeat(128) })).to.throw('has 258 bytes');
    });

    it('refuses an unpaired surrogate', () => {
      expect(() => Labels.from({ a: '\ud83d' })).to.throw('an unpaired surrogate');
      expect(Labels.from({ a: '😀' }).get('a')).to.equal('😀');
    });

    it('refuses input that is not a record', () => {
      expect(Labels.check('team')).to.have.property('ok', false);
      expect(Labels.check(null)).to.have.property('ok', false);
      expect(Labels.check(['team'])).to.have.property('ok', false);
    });

    it('returns the same value for all empty labels', () => {
      expect(Labels.from({})).to.equal(Labels.empty);
    });
  });

  describe('merge', () => {
    it('adds names and replaces values', () => {
      const merged = Labels.from({ a: '1', b: '2' }).merge({ b: '3', c: '4' });

      expect(merged.toJSON()).to.deep.equal({ a: '1', b: '3', c: '4' });
    });

    it('does not change the original labels', () => {
      const labels = Labels.from({ a: '1' });

      labels.merge({ a: '2' });

      expect(labels.get('a')).to.equal('1');
    });

    it('validates the added labels', () => {
      expect(() => Labels.empty.merge({ a: '' })).to.throw(ValidationError);
    });
  });

  describe('without', () => {
    it('removes names, and ignores unknown ones', () => {
      const labels = Labels.from({ a: '1', b: '2' });

      expect(labels.without('a', 'z').toJSON()).to.deep.equal({ b: '2' });
      expect(labels.toJSON()).to.deep.equal({ a: '1', b: '2' });
    });

    it('returns empty labels after removing the last one', () => {
      expect(Labels.from({ a: '1' }).without('a')).to.equal(Labels.empty);
    });
  });

  describe('equals', () => {
    it('ignores the order', () => {
      expect(Labels.from({ a: '1', b: '2' }).equals({ b: '2', a: '1' })).to.be.true;
    });

    it('distinguishes other values, other names and fewer labels', () => {
      const labels = Labels.from({ a: '1', b: '2' });

      expect(labels.equals({ a: '1', b: '3' })).to.be.false;
      expect(labels.equals({ a: '1', c: '2' })).to.be.false;
      expect(labels.equals({ a: '1' })).to.be.false;
    });

    it('is false for values that are not labels', () => {
      expect(Labels.empty.equals({ a: '' })).to.be.false;
    });
  });

  it('lists names and values', () => {
    const labels = Labels.from({ a: '1', b: '2' });

    expect([...labels]).to.deep.equal([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect([...labels.entries()]).to.deep.equal([...labels]);
    expect(labels.has('a')).to.be.true;
    expect(labels.get('z')).to.be.undefined;
  });

  it('shows its content in util.inspect', () => {
    expect(inspect({ labels: Labels.from({ a: '1' }) })).to.equal("{ labels: Labels { a: '1' } }");
  });

  it('has working getters on a stub instance', () => {
    const stub = createStubInstance(Labels);

    expect(stub.size).to.equal(0);
    expect(stub.names).to.deep.equal([]);
  });

  it('survives conversion to JSON', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });

    fc.assert(
      fc.property(fc.dictionary(name, value), (input) => {
        const examination = Labels.check(input);
        fc.pre(examination.ok);
        const json = JSON.parse(JSON.stringify(examination.value)) as Record<string, string>;
        return Labels.from(json).equals(examination.value);
      }),
    );
  });
});
