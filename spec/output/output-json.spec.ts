import { expect } from 'chai';
import fc from 'fast-check';
import { readJson, shown } from '../../lib/output/json.js';

describe('readJson', () => {
  it('reads any JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);

        expect(readJson(text)).to.deep.equal({ ok: true, value: JSON.parse(text) as unknown });
      }),
    );
  });

  it('accepts a byte order mark and surrounding white space', () => {
    expect(readJson('\uFEFF \n{"a":1}\n ')).to.deep.equal({ ok: true, value: { a: 1 } });
  });

  it('accepts one surrounding Markdown fence, with or without the word json', () => {
    expect(readJson('```json\n{"a":1}\n```')).to.deep.equal({ ok: true, value: { a: 1 } });
    expect(readJson('```\n[]\n```\n')).to.deep.equal({ ok: true, value: [] });
    expect(readJson('```JSON  \r\n{}\r\n```')).to.deep.equal({ ok: true, value: {} });
  });

  it('keeps a fence inside a string', () => {
    expect(readJson('{"a":"```json\\n1\\n```"}')).to.deep.equal({
      ok: true,
      value: { a: '```json\n1\n```' },
    });
  });

  it('rejects text around the JSON', () => {
    expect(reasonOf('Here you are: {"a":1}')).to.match(/^is not JSON \(.*\), got "Here you are: /);
    expect(reasonOf('```json\n{"a":1}\n``` Done.')).to.match(/^is not JSON/);
    expect(reasonOf('```ts\n{}\n```')).to.match(/^is not JSON/);
  });

  it('rejects an empty text', () => {
    expect(reasonOf(' \n')).to.equal('is empty, expected JSON');
    expect(reasonOf('```\n```')).to.equal('is empty, expected JSON');
  });

  it('rejects a text of more than 16 MiB without parsing it', () => {
    expect(reasonOf(`"${'x'.repeat(16 * 1024 * 1024)}"`)).to.equal(
      'is too long: 16777218 characters (limit: 16777216)',
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readJson(text)).to.have.property('ok');
      }),
    );
  });
});

describe('shown', () => {
  it('shows values as JSON, truncated to one line', () => {
    expect(shown({ a: ['x', null] })).to.equal('{"a":["x",null]}');
    expect(shown('line\nbreak')).to.equal('"line\\nbreak"');
    expect(shown('x'.repeat(200))).to.have.length(81);
  });

  it('shows values that are not JSON by their kind', () => {
    expect(shown(undefined)).to.equal('nothing');
    expect(shown(10n)).to.equal('bigint');
    expect(shown(() => 1)).to.equal('function');
    expect(shown(Symbol('x'))).to.equal('symbol');
  });
});

function reasonOf(text: string): string {
  const outcome = readJson(text);
  if (outcome.ok) throw new Error('the text was read');
  return outcome.problems[0]?.reason ?? '';
}
