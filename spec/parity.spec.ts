import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface CheckParity {
  objections(text: string): readonly string[];
}

describe('docs/parity.md', function () {
  this.timeout(20_000);
  const page = readFileSync(resolve('docs/parity.md'), 'utf8');
  let check: CheckParity;

  before(async () => {
    const script = pathToFileURL(resolve('scripts/check-parity.mjs')).href;
    check = (await import(script)) as CheckParity;
  });

  it('names only existing specs and methods, and contains all public methods', () => {
    expect(check.objections(page)).to.deep.equal([]);
  });

  it('cannot name a spec that does not exist', () => {
    const wrongTitle = page.replace('continues one conversation over two turns', 'does magic');
    const wrongFile = page.replace('`spec/doctor.spec.ts`', '`spec/nurse.spec.ts`');

    expect(check.objections(wrongTitle).join()).to.contain('does not have: does magic');
    expect(check.objections(wrongFile).join()).to.contain(
      'spec/nurse.spec.ts, which does not exist',
    );
  });

  it('cannot omit a method or contain an unknown one', () => {
    const said = check.objections(page.replaceAll('`thread.revert`', '`thread.rewind`'));

    expect(said).to.deep.equal(['no row contains thread.revert', 'thread.rewind does not exist']);
  });

  it('cannot have a row without evidence, or an empty table', () => {
    const row = '| Anything | none | none | `codex.close` | believe us |';

    expect(check.objections(`${page}\n${row}`).join()).to.contain(
      'does not name a spec: believe us',
    );
    expect(check.objections(`${page}\n| Anything | none |`).join()).to.contain('2 cells');
    expect(check.objections('')).to.include('it has no rows');
  });
});
