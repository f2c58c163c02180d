import { expect } from 'chai';
import { ArrayNotEmpty, IsArray, IsInt, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import vm from 'node:vm';
import { CodexOptions, ImageInput, ThreadOptions, ToolImage } from '../lib/index.js';
import { OutputOfClass } from '../lib/output/class-output.js';
import {
  codeOf,
  isAbortSignal,
  isBuiltIn,
  isError,
  isPlainObject,
  isUrl,
  messageOf,
} from '../lib/shapes.js';
import { checkTurnOptions } from '../lib/turn/turn-options-check.js';
import { contentOf } from '../lib/tools/tool-result.js';
import { shown } from '../lib/validation.js';
import { png } from './images.js';

/** Values of another realm, as in a test under Jest. */
function foreign(code: string, globals: object = {}): never {
  return vm.runInNewContext(`(${code})`, { ...globals }) as never;
}

describe('Values of another realm', () => {
  it('are accepted as options: an object, a Map, entries, and everything nested in them', () => {
    const forms = [
      '{ labels, config }',
      "new Map([['labels', labels], ['config', config]])",
      "[['labels', labels], ['config', config]]",
    ];

    for (const form of forms) {
      const { labels, config } = ThreadOptions.from(
        foreign(`(() => {
          const labels = new Map([['team', 'payments']]);
          const config = { tools: new Map([['web_search', { limit: 3 }]]), list: ['a'] };
          return ${form};
        })()`),
      );

      expect(labels.get('team')).to.equal('payments');
      expect(config).to.deep.equal({ tools: { web_search: { limit: 3 } }, list: ['a'] });
    }
  });

  it('are accepted as options of a client, such as a URL and an environment', () => {
    const { baseUrl, environment } = CodexOptions.from(
      foreign('{ baseUrl, environment: { set: new Map([["CI", "1"]]) } }', {
        baseUrl: new URL('http://localhost:1/v1'),
      }),
    );

    expect(baseUrl).to.equal('http://localhost:1/v1');
    expect(environment?.set).to.deep.equal({ CI: '1' });
  });

  it('are accepted as options of a turn: a signal, a handler, time limits', () => {
    const options = foreign(
      '{ signal: { aborted: false, addEventListener() {}, removeEventListener() {} }, approvals: { handle() {} }, timeouts: { idleMs: 1 } }',
    );

    expect(() => {
      checkTurnOptions(options, 'run');
    }).not.to.throw();
  });

  it('are recognized as errors, with their message and their code', () => {
    const error = foreign('Object.assign(new RangeError("too far"), { code: "ENOENT" })');

    expect([isError(error), messageOf(error), codeOf(error)]).to.deep.equal([
      true,
      'too far',
      'ENOENT',
    ]);
  });

  it('are accepted as the bytes of an image', () => {
    const bytes = foreign('new Uint8Array(bytes)', { bytes: [...png] });

    expect(ImageInput.fromBytes(bytes).url).to.equal(ImageInput.fromBytes(png).url);
    expect(ToolImage.fromBytes(bytes, 'image/png').imageUrl).to.equal(
      ImageInput.fromBytes(png).url,
    );
  });

  it('are refused as results of a tool if their JSON would be empty', () => {
    expect(() => contentOf(foreign('new Map([[1, 2]])'))).to.throw(
      TypeError,
      'a Map cannot be converted to JSON',
    );
    expect(() => contentOf(foreign('new Set([1])'))).to.throw(
      TypeError,
      'a Set cannot be converted to JSON',
    );
  });

  // class-validator accepts only nested instances of its own realm.
  it('are accepted as classes that describe an output', () => {
    const Review = foreign(
      `(() => {
        class Finding {}
        IsInt()(Finding.prototype, 'line');
        class Review {}
        ValidateNested({ each: true })(Review.prototype, 'findings');
        ArrayNotEmpty()(Review.prototype, 'findings');
        Type(() => Finding)(Review.prototype, 'findings');
        Reflect.defineMetadata('design:type', Array, Review.prototype, 'findings');
        return Review;
      })()`,
      { IsInt, IsArray, IsString, ValidateNested, ArrayNotEmpty, Type, Reflect },
    );

    expect(OutputOfClass.of(Review).schema).to.have.nested.property('$defs.Finding.required');
  });
});

describe('isPlainObject', () => {
  it('accepts object literals and objects without a prototype, of any realm', () => {
    for (const value of [{}, Object.create(null), foreign('{}'), foreign('Object.create(null)')])
      expect(isPlainObject(value)).to.equal(true);
    expect(shown(foreign('{}'))).to.equal('an object');
  });

  it('rejects other values', () => {
    class Own {
      value = 1;
    }
    const others = [
      null,
      undefined,
      'a',
      [],
      new Own(),
      new Map(),
      new Date(0),
      new Error('e'),
      () => 1,
    ];

    for (const value of [
      ...others,
      foreign('[]'),
      foreign('new (class Own {})()'),
      foreign('new Map()'),
    ])
      expect(isPlainObject(value)).to.equal(false);
  });
});

describe('isAbortSignal', () => {
  it('accepts objects with the members of a signal', () => {
    expect(isAbortSignal(new AbortController().signal)).to.equal(true);
    for (const other of [null, {}, { aborted: false }, new AbortController(), 'signal'])
      expect(isAbortSignal(other)).to.equal(false);
  });
});

describe('isUrl', () => {
  it('rejects texts and objects that only look like a URL', () => {
    expect(isUrl(new URL('http://a/'))).to.equal(true);
    for (const other of ['http://a/', { href: 'http://a/' }, null])
      expect(isUrl(other)).to.equal(false);
  });
});

describe('isBuiltIn', () => {
  it('distinguishes a class of JavaScript from another one with the same name', () => {
    const own = foreign('class Map {}');

    expect(isBuiltIn(Map, 'Map', 'Set') && isBuiltIn(foreign('Map'), 'Map', 'Set')).to.equal(true);
    expect(isBuiltIn(own, 'Map') || isBuiltIn(Map, 'Set') || isBuiltIn('Map')).to.equal(false);
  });
});

describe('messageOf', () => {
  it('returns the text of any thrown value', () => {
    const thrown = [new Error('one'), 'two', 3, null, undefined, { message: 4 }];

    expect(thrown.map(messageOf)).to.deep.equal([
      'one',
      'two',
      '3',
      'null',
      'undefined',
      '[object Object]',
    ]);
  });
});
