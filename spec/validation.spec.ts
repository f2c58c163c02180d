import { expect } from 'chai';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, MinLength, ValidateNested } from 'class-validator';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ValidationError } from '../lib/errors.js';
import { Secret } from '../lib/redaction.js';
import { entriesOf, examined, hydrated, keptAsGiven, shown, validated } from '../lib/validation.js';

class Wheel {
  @IsInt()
  readonly spokes!: number;
}

class Bicycle {
  @IsString()
  @MinLength(2)
  readonly name!: string;

  @ValidateNested({ each: true })
  @Type(() => Wheel)
  @IsOptional()
  readonly wheels?: readonly Wheel[];

  @IsOptional()
  @IsArray()
  readonly notes?: readonly unknown[];

  @IsOptional()
  @keptAsGiven()
  readonly bell?: unknown;
}

const bicycle = (values: object): Bicycle => Object.assign(new Bicycle(), values);

describe('ValidationError', () => {
  const wrong = { path: 'name', reason: 'must be a text, got 7' };

  it('names the invalid value and lists its problems', () => {
    expect(new ValidationError('labels', [wrong]).message).to.equal(
      'Invalid labels:\n  name: must be a text, got 7',
    );
  });

  it('counts the problems when there are several', () => {
    const several = new ValidationError('Codex options', [wrong, { path: '', reason: 'is empty' }]);

    expect(several.message).to.equal(
      'Invalid Codex options (2 problems):\n  name: must be a text, got 7\n  is empty',
    );
  });

  it('has subjects throughout the library that follow "Invalid"', () => {
    const subjects = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join('lib', file), 'utf8'))
      .flatMap((text) => [...text.matchAll(/new ValidationError\(\s*['`]([^'`]+)/g)])
      .map(([, subject = '']) => subject);

    expect(subjects).to.include.members(['Codex options', 'labels', 'thread options']);
    const odd = subjects.filter((subject) =>
      /^(?:[Tt]he|[Aa]n?) |^[A-Z][a-z]+(?: |s$)/.test(subject),
    );
    expect(new Set(odd)).to.deep.equal(new Set(['Codex options']));
  });
});

describe('validation', () => {
  describe('validated', () => {
    it('returns the same instance', () => {
      const instance = bicycle({ name: 'Rosinante' });

      expect(validated(instance, 'Bicycle')).to.equal(instance);
    });

    it('freezes the instance with its lists and plain objects', () => {
      const { notes } = validated(bicycle({ name: 'Rosinante', notes: [{ a: [1] }] }), 'Bicycle');

      expect(notes).to.be.frozen;
      expect(notes?.[0]).to.be.frozen;
      expect((notes?.[0] as { a: number[] }).a).to.be.frozen;
    });

    it('does not freeze class instances in it', () => {
      const signal = new AbortController();

      validated(bicycle({ name: 'Rosinante', notes: [signal] }), 'Bicycle');

      expect(signal).not.to.be.frozen;
    });

    it('does not freeze values marked as the caller’s', () => {
      const bell = { sound: { volume: 1 } };

      validated(bicycle({ name: 'Rosinante', bell }), 'Bicycle');

      expect(bell).not.to.be.frozen;
      expect(bell.sound).not.to.be.frozen;
    });

    it('reports all problems at once, with path, reason and value', () => {
      const wheels = [Object.assign(new Wheel(), { spokes: 'many' })];

      expect(() => validated(bicycle({ name: 'R', wheels, notes: 7 }), 'Bicycle'))
        .to.throw(ValidationError)
        .with.property('problems')
        .that.deep.equals([
          { path: 'name', reason: 'must be longer than or equal to 2 characters, got "R"' },
          { path: 'wheels[0].spokes', reason: 'must be an integer number, got "many"' },
          { path: 'notes', reason: 'must be an array, got 7' },
        ]);
    });

    it('reports previously found problems first', () => {
      const found = { path: 'colour', reason: 'is ugly' };

      expect(() => validated(bicycle({}), 'Bicycle', [found]))
        .to.throw(ValidationError)
        .with.nested.property('problems[0]', found);
    });

    it('rejects unknown members', () => {
      expect(() => validated(bicycle({ name: 'Rosinante', engine: 1 }), 'Bicycle')).to.throw(
        'engine: is unknown',
      );
    });

    it('does not freeze a rejected instance', () => {
      const instance = bicycle({});

      expect(examined(instance).ok).to.be.false;
      expect(instance).not.to.be.frozen;
    });
  });

  describe('hydrated', () => {
    it('builds instances from JSON data, nested ones too', () => {
      const value = hydrated(Bicycle, { name: 'Rosinante', wheels: [{ spokes: 32 }] }, 'Bicycle');

      expect(value).to.be.instanceOf(Bicycle).and.be.frozen;
      expect(value.wheels?.[0]).to.be.instanceOf(Wheel);
    });

    it('rejects values that are not JSON objects', () => {
      expect(() => hydrated(Bicycle, [1], 'Bicycle')).to.throw(
        'must be a JSON object, got an array',
      );
    });

    it('rejects names with a meaning in JavaScript, at any depth', () => {
      const json: unknown = JSON.parse('{"name":"Rosinante","notes":[{"constructor":1}]}');

      expect(() => hydrated(Bicycle, json, 'Bicycle')).to.throw(
        'notes[0].constructor: is a reserved name',
      );
    });
  });

  describe('entriesOf', () => {
    it('reads a plain object, a Map, pairs, and an instance with fields', () => {
      const pairs = [['name', 'Rosinante']];

      expect(entriesOf({ name: 'Rosinante' })).to.deep.equal(pairs);
      expect(entriesOf(new Map([['name', 'Rosinante']]))).to.deep.equal(pairs);
      expect(entriesOf(new Set([['name', 'Rosinante']]))).to.deep.equal(pairs);
      expect(entriesOf(bicycle({ name: 'Rosinante' }))).to.deep.equal(pairs);
    });

    it('does not treat a promise, a date or another list as an empty object', () => {
      expect(entriesOf(Promise.resolve({}))).to.be.null;
      expect(entriesOf(new Date())).to.be.null;
      expect(entriesOf(['name', 'Rosinante'])).to.be.null;
      expect(entriesOf('name')).to.be.null;
    });
  });

  describe('shown', () => {
    it('hides everything that looks like a credential, by name or by value', () => {
      expect(shown('plain', 'apiKey')).to.equal('[redacted] (string)');
      expect(shown('sk-abcdefghijklmnop')).to.equal('"[redacted]"');
      expect(shown('https://me:hunter2@example.test')).not.to.contain('hunter2');
      expect(shown(new Secret('plain'))).to.equal('an instance of Secret');
    });

    it('truncates long text', () => {
      expect(shown('x'.repeat(1000))).to.have.length(83);
    });

    it('names the kind of values without a short text', () => {
      expect(shown([])).to.equal('an empty array');
      expect(shown({ a: 1 })).to.equal('an object');
      expect(shown(Symbol('x'))).to.equal('a symbol');
      expect(shown(undefined)).to.equal('undefined');
    });
  });
});
