import { expect } from 'chai';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { createStubInstance } from 'sinon';
import { ValidationError } from '../../lib/errors.js';
import { Labels } from '../../lib/record/labels.js';

describe('Labels', () => {
  describe('from', () => {
    it('takes a plain object, a Map, pairs, and labels', () => {
      const expected = { team: 'payments' };

      expect(Labels.from(expected).toJSON()).to.deep.equal(expected);
      expect(Labels.from(new Map([['team', 'payments']])).toJSON()).to.deep.equal(expected);
      expect(Labels.from([['team', 'payments']]).toJSON()).to.deep.equal(expected);
      expect(Labels.from(Labels.from(expected)).toJSON()).to.deep.equal(expected);
    });

    it('keeps the order in which they were given', () => {
      expect(Labels.from({ b: '1', a: '2' }).names).to.deep.equal(['b', 'a']);
    });

    it('is frozen and apart from what it was made of', () => {
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

    it('refuses a value that is no string', () => {
      expect(Labels.check({ a: 1, b: undefined, c: null, d: ['x'] })).to.deep.equal({
        ok: false,
        problems: [
          { path: 'a', reason: 'must be a string, got 1' },
          { path: 'b', reason: 'must be a string, got undefined' },
          { path: 'c', reason: 'must be a string, got null' },
          { path: 'd', reason: 'must be a string, got a list' },
        ],
      });
    });

    it('refuses names that mean something to JavaScript', () => {
      const input = ['__proto__', 'constructor', 'prototype'].map((name) => [name, 'x'] as const);

      expect(() => Labels.from(input))
        .to.throw(ValidationError)
        .with.property('problems')
        .that.has.length(3);
      expect(Object.prototype).not.to.have.property('x');
    });

    it('refuses a __proto__ that came from JSON', () => {
      const input = JSON.parse('{"__proto__":"x"}') as Record<string, string>;

      expect(() => Labels.from(input)).to.throw('__proto__: is a reserved name');
    });

    it('takes names that objects have by birth but no meaning', () => {
      expect(Labels.from({ toString: 'x' }).get('toString')).to.equal('x');
      expect(Labels.empty.has('toString')).to.be.false;
    });

    it('refuses a name given twice', () => {
      const input = [
        ['a', '1'],
        ['a', '1'],
      ] as const;

      expect(() => Labels.from(input)).to.throw('a: is given twice');
    });

    it('refuses a name that is no string', () => {
      expect(Labels.check(new Map([[1, 'x']]))).to.deep.include({
        problems: [{ path: '1', reason: 'a label name must be a string' }],
      });
    });

    it('takes 256 bytes in stored form and refuses 257', () => {
      expect(Labels.from({ a: 'x'.repeat(254) }).size).to.equal(1);
      expect(() => Labels.from({ a: 'x'.repeat(255) })).to.throw('has 257 bytes as name=value');
    });

    it('counts bytes of UTF-8, not characters', () => {
      expect(Labels.from({ a: 'é'.repeat(127) }).size).to.equal(1);
      expect(() => Labels.from({ a: 'é'.repeat(128) })).to.throw('has 258 bytes');
    });

    it('refuses half of a surrogate pair', () => {
      expect(() => Labels.from({ a: '\ud83d' })).to.throw('an unpaired surrogate');
      expect(Labels.from({ a: '😀' }).get('a')).to.equal('😀');
    });

    it('refuses what is no record', () => {
      expect(Labels.check('team')).to.have.property('ok', false);
      expect(Labels.check(null)).to.have.property('ok', false);
      expect(Labels.check(['team'])).to.have.property('ok', false);
    });

    it('gives one and the same value for no labels', () => {
      expect(Labels.from({})).to.equal(Labels.empty);
    });
  });

  describe('merge', () => {
    it('adds names and replaces values', () => {
      const merged = Labels.from({ a: '1', b: '2' }).merge({ b: '3', c: '4' });

      expect(merged.toJSON()).to.deep.equal({ a: '1', b: '3', c: '4' });
    });

    it('leaves the old labels as they were', () => {
      const labels = Labels.from({ a: '1' });

      labels.merge({ a: '2' });

      expect(labels.get('a')).to.equal('1');
    });

    it('judges what is added', () => {
      expect(() => Labels.empty.merge({ a: '' })).to.throw(ValidationError);
    });
  });

  describe('without', () => {
    it('removes names, and ignores those that are not there', () => {
      const labels = Labels.from({ a: '1', b: '2' });

      expect(labels.without('a', 'z').toJSON()).to.deep.equal({ b: '2' });
      expect(labels.toJSON()).to.deep.equal({ a: '1', b: '2' });
    });

    it('gives no labels when the last one goes', () => {
      expect(Labels.from({ a: '1' }).without('a')).to.equal(Labels.empty);
    });
  });

  describe('equals', () => {
    it('does not look at the order', () => {
      expect(Labels.from({ a: '1', b: '2' }).equals({ b: '2', a: '1' })).to.be.true;
    });

    it('tells other values, other names and fewer labels apart', () => {
      const labels = Labels.from({ a: '1', b: '2' });

      expect(labels.equals({ a: '1', b: '3' })).to.be.false;
      expect(labels.equals({ a: '1', c: '2' })).to.be.false;
      expect(labels.equals({ a: '1' })).to.be.false;
    });

    it('is false for what can be no labels', () => {
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

  it('shows its content to inspect', () => {
    expect(inspect({ labels: Labels.from({ a: '1' }) })).to.equal("{ labels: Labels { a: '1' } }");
  });

  it('answers its getters on a stub instance', () => {
    const stub = createStubInstance(Labels);

    expect(stub.size).to.equal(0);
    expect(stub.names).to.deep.equal([]);
  });

  it('comes back from JSON as it was', () => {
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
