import { expect } from 'chai';
import fc from 'fast-check';
import { JsonLines } from '../../lib/transport/json-lines.js';
import { TransportError } from '../../lib/errors.js';

function feedAll(lines: JsonLines, chunks: readonly Buffer[]): string[] {
  return chunks.flatMap((chunk) => [...lines.feed(chunk)]);
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.map((end) => end % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

describe('JsonLines', () => {
  it('returns the same lines for every split in two', () => {
    const bytes = Buffer.from('{"a":"é€😀\\n"}\r\n{"b":"\u2028"}\n');

    const results = Array.from({ length: bytes.length + 1 }, (_, at) =>
      feedAll(new JsonLines(1000), cut(bytes, [at])),
    );

    for (const lines of results) expect(lines).to.deep.equal(['{"a":"é€😀\\n"}', '{"b":"\u2028"}']);
  });

  it('returns the same lines for any split of the bytes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc
            .string({ unit: 'grapheme' })
            .filter((line) => line.trim() !== '' && !/[\r\n]/.test(line)),
        ),
        fc.array(fc.nat(500)),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));

          expect(feedAll(new JsonLines(100_000), cut(bytes, cuts))).to.deep.equal(lines);
        },
      ),
    );
  });

  it('skips blank lines', () => {
    const lines = new JsonLines(100);

    const found = feedAll(lines, [Buffer.from('\n\r\na\n  \n'), Buffer.from('\nb\n')]);

    expect(found).to.deep.equal(['a', 'b']);
  });

  it('keeps a line without a line end', () => {
    const lines = new JsonLines(100);

    expect(feedAll(lines, [Buffer.from('ab')])).to.deep.equal([]);
    expect(feedAll(lines, [Buffer.from('c\n')])).to.deep.equal(['abc']);
  });

  it('returns the incomplete last line, once, unless it is long', () => {
    const [short, long] = [new JsonLines(10_000), new JsonLines(10_000)];
    feedAll(short, [Buffer.from('a\nb'), Buffer.from('c')]);
    feedAll(long, [Buffer.alloc(5000, 'x')]);

    expect([short.rest(), long.rest()]).to.deep.equal(['bc', '']);
    expect([new JsonLines(1).rest(), short.rest()]).to.deep.equal(['', '']);
  });

  it('accepts a line of exactly the limit', () => {
    expect(feedAll(new JsonLines(3), [Buffer.from('ab'), Buffer.from('c\n')])).to.deep.equal([
      'abc',
    ]);
  });

  it('returns the lines before an oversized one, and then fails', () => {
    const found: string[] = [];

    const read = (): void => {
      for (const line of new JsonLines(3).feed(Buffer.from('abc\nabcd'))) found.push(line);
    };

    expect(read).to.throw(TransportError, '3 bytes').with.property('code', 'frame-too-large');
    expect(found).to.deep.equal(['abc']);
  });
});
