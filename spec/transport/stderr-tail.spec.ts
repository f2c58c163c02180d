import { expect } from 'chai';
import { StderrTail } from '../../lib/transport/stderr-tail.js';

describe('StderrTail', () => {
  it('removes terminal codes, even if a code or a character is split between chunks', () => {
    const tail = new StderrTail();
    const bytes = Buffer.from('\u001b[31mERROR\u001b[0m é\n');

    for (const byte of bytes) tail.push(Buffer.from([byte]));

    expect(tail.text).to.equal('ERROR é');
  });

  it('keeps the end, in whole lines', () => {
    const tail = new StderrTail(20);

    for (let line = 0; line < 1000; line += 1) tail.push(Buffer.from(`line ${line}\n`));

    expect(tail.text).to.equal('line 998\nline 999');
  });

  it('keeps the end of a single endless line', () => {
    const tail = new StderrTail(10);

    tail.push(Buffer.from('x'.repeat(1000)));

    expect(tail.text).to.equal('x'.repeat(10));
  });

  it('is empty at first', () => {
    expect(new StderrTail().text).to.equal('');
  });
});
