import { expect } from 'chai';
import * as ourTransformer from 'class-transformer';
import * as ourValidator from 'class-validator';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OutputClass } from '../../lib/output/output-format.js';
import { outputFormat } from '../../lib/output/output-schema.js';
import { ToolInput } from '../../lib/output/tool-input.js';

type Validator = typeof ourValidator;
type Transformer = typeof ourTransformer;

// Below the repository, so that the copies find their dependencies like any installed package.
const home = path.resolve('.build/copies');

describe('a class decorated with the user’s own copies', () => {
  let validator: Validator;
  let transformer: Transformer;

  before(() => {
    copy('class-validator');
    copy('class-transformer');
    const require = createRequire(path.join(home, 'app.js'));
    validator = require('class-validator') as Validator;
    transformer = require('class-transformer') as Transformer;
  });

  after(() => {
    const { cache } = createRequire(path.join(home, 'app.js'));
    for (const file of Object.keys(cache))
      if (file.startsWith(home)) Reflect.deleteProperty(cache, file);
    rmSync(home, { recursive: true, force: true });
  });

  it('is not decorated with ours, as a precondition', () => {
    expect(validator.IsString).not.to.equal(ourValidator.IsString);
    expect(transformer.Type).not.to.equal(ourTransformer.Type);
  });

  it('has the rules of the other class-validator', () => {
    const { Report } = decorated(validator, transformer);

    const { schema } = outputFormat(Report);

    expect(schema)
      .to.have.nested.property('properties.tags')
      .that.deep.equals({
        type: ['array', 'null'],
        items: { type: 'string' },
      });
    expect(schema).to.have.nested.property('$defs.Item.properties.count.minimum', 1);
  });

  it('finds arrays of nested classes registered only with the other class-transformer', () => {
    const { Report, Item } = decorated(validator, transformer);

    const outcome = outputFormat(Report).parse(answer);

    expect(outcome).to.have.nested.property('value.items[0]').that.is.instanceOf(Item);
  });

  it('applies transformations registered only with the other class-transformer', () => {
    const { Report } = decorated(validator, transformer);

    expect(outputFormat(Report).parse(answer)).to.have.nested.property('value.title', 'trimmed');
  });

  it('is validated by the rules of the other class-validator', () => {
    const { Report } = decorated(validator, transformer);

    const outcome = outputFormat(Report).parse('{"title":7,"items":[{"count":0}]}');

    expect(outcome)
      .to.have.property('problems')
      .with.deep.members([
        { path: 'title', reason: 'must be a string, got 7' },
        { path: 'items[0].count', reason: 'must not be less than 1, got 0' },
      ]);
  });

  it('serves as the input of a tool', () => {
    const { Report, Item } = decorated(validator, transformer);

    const outcome = ToolInput.of(Report).read(JSON.parse(answer));

    expect(outcome).to.have.nested.property('value.items[0]').that.is.instanceOf(Item);
  });

  it('is also found if the copies were loaded by import()', async () => {
    const copied = path.join(copyAs('imported', 'class-transformer'), 'cjs/index.js');
    const imported = (await import(pathToFileURL(copied).href)) as Transformer;
    const { Report, Item } = decorated(validator, imported);

    const outcome = outputFormat(Report).parse(answer);

    expect(imported.Type).not.to.equal(transformer.Type);
    expect(outcome).to.have.nested.property('value.items[0]').that.is.instanceOf(Item);
  });

  it('can be combined with a class decorated with ours', () => {
    const theirs = decorated(validator, transformer);
    class Ours {
      report!: object;
    }
    ourValidator.ValidateNested()(Ours.prototype, 'report');
    ourTransformer.Type(() => theirs.Report)(Ours.prototype, 'report');

    const outcome = outputFormat(Ours).parse(`{"report":${answer}}`);

    expect(outcome).to.have.nested.property('value.report').that.is.instanceOf(theirs.Report);
    expect(outcome)
      .to.have.nested.property('value.report.items[0]')
      .that.is.instanceOf(theirs.Item);
  });

  it('needs @IsInstance if its class-transformer is inside a bundle', () => {
    class Item {
      count!: number;
    }
    class Report {
      items!: Item[];
    }
    validator.IsInt()(Item.prototype, 'count');
    validator.ValidateNested({ each: true })(Report.prototype, 'items');
    validator.IsInstance(Item, { each: true })(Report.prototype, 'items');

    const outcome = outputFormat(Report).parse('{"items":[{"count":1}]}');

    expect(outcome).to.have.nested.property('value.items[0]').that.is.instanceOf(Item);
  });
});

const answer = '{"title":" trimmed ","tags":null,"items":[{"count":2}]}';

function decorated(
  rules: Validator,
  types: Transformer,
): { Report: OutputClass; Item: OutputClass } {
  class Item {
    @rules.IsInt() @rules.Min(1) count!: number;
  }
  class Report {
    @rules.IsString()
    @types.Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)))
    title!: string;
    @rules.IsOptional() @rules.IsString({ each: true }) tags?: string[];
    @rules.IsArray() @rules.ValidateNested({ each: true }) @types.Type(() => Item) items!: Item[];
  }
  return { Report, Item };
}

function copy(name: string): string {
  return copyAs('.', name);
}

function copyAs(folder: string, name: string): string {
  const from = path.resolve('node_modules', name);
  const to = path.join(home, folder, 'node_modules', name);
  mkdirSync(to, { recursive: true });
  for (const part of ['package.json', 'cjs'])
    cpSync(path.join(from, part), path.join(to, part), { recursive: true });
  return to;
}
