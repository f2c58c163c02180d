import { expect } from 'chai';
import { CodexError, RequestError, ValidationError } from '../../lib/index.js';
import { errorCodes, literalCodes, type ErrorCode, type Retryable } from './error-codes.js';
import { read } from './snippets.js';

const page = read('docs/errors.md');

interface Entry extends Omit<ErrorCode, 'retryable'> {
  readonly retryable: Retryable;
  readonly text: string;
}

/** The entries of the page, in order. */
function entries(): readonly Entry[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [code = '', facts = '', ...text] = part.split(/^## /m, 1)[0]!.split('\n\n');
      const [, classes = '', retryable = ''] =
        /^(.*) · retryable: (yes|no|depends)$/.exec(facts) ?? [];
      return {
        code,
        classes: [...classes.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
        retryable: retryable as Retryable,
        text: text.join('\n\n'),
      };
    });
}

describe('The page of errors by code', function () {
  this.timeout(60_000);
  let codes: readonly ErrorCode[];

  before(() => {
    codes = errorCodes();
  });

  it('has an entry for every code in the library, and no other', () => {
    const known = new Set([...codes.map(({ code }) => code), ...literalCodes()]);

    expect(known).to.include.keys('turn-failed', 'thread-busy', 'bundle-damaged', 'authentication');
    expect(entries().map(({ code }) => code)).to.have.members([...known]);
  });

  it('names the classes that carry a code', () => {
    const documented = new Map(entries().map(({ code, classes }) => [code, classes]));
    const different = codes.filter(
      ({ code, classes }) => documented.get(code)?.join() !== classes.join(),
    );

    expect(different).to.deep.equal([]);
  });

  it('states when the same call may succeed later', () => {
    const documented = new Map(entries().map(({ code, retryable }) => [code, retryable]));
    const wrong = codes.filter(({ code, retryable }) => {
      const stated = documented.get(code);
      return retryable !== null && stated !== retryable && stated !== 'depends';
    });

    expect(wrong).to.deep.equal([]);
  });

  it('gives a cause and a remedy for every code', () => {
    const silent = entries().filter(
      ({ text }) => !/^\*\*Cause\.\*\* [^]+\n\n\*\*Remedy\.\*\* [^]+\.\s*$/.test(text),
    );

    expect(silent).to.deep.equal([]);
  });

  it('has one anchor for every code', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );

    expect(headings).to.have.length(new Set(headings).size);
  });
});

describe('CodexError.help', () => {
  it('is the address of the code on the page', () => {
    const error = new ValidationError('thread options', [{ path: 'model', reason: 'is blank' }]);

    expect(error.help).to.match(/^https:.*\/docs\/errors\.md#invalid-input$/);
    expect(error.help).to.contain(
      (JSON.parse(read('package.json')) as { homepage: string }).homepage.replace(/#.*/, ''),
    );
  });

  it('is part of the JSON', () => {
    const error = new RequestError({ method: 'thread/start', rpcCode: -32600, serverMessage: '-' });

    expect(error.toJSON()).to.include({ help: error.help });
  });

  it('is a total getter', () => {
    expect(Reflect.get(CodexError.prototype, 'help')).to.be.a('string');
  });
});
