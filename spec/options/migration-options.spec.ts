import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CodexOptions } from '../../lib/options/codex-options.js';
import { optionSpellings } from '../../lib/options/option-reader.js';
import { ThreadFilter } from '../../lib/thread/thread-filter.js';
import { ThreadOptions } from '../../lib/options/thread-options.js';
import { published } from './published-options.js';

interface Row {
  readonly client: string;
  readonly source: string;
  readonly theirs: string;
  readonly ours: string;
  readonly verdict: string;
  readonly note: string;
}

const verdicts = ['same', 'renamed', 'changed', 'not needed'];
const turnOptions = ['outputSchema', 'output', 'signal', 'options', 'source'];

const rows = readRows(readFileSync(path.resolve('docs/migration.md'), 'utf8'));
const spellings: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  CodexOptions: optionSpellings(CodexOptions.prototype),
  ThreadOptions: optionSpellings(ThreadOptions.prototype),
  ThreadFilterRecord: optionSpellings(ThreadFilter.prototype),
};

function readRows(markdown: string): readonly Row[] {
  const found: Row[] = [];
  let [client, source] = ['', ''];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) client = /Python|TypeScript/.exec(line)?.[0] ?? '';
    if (line.startsWith('### ')) source = line.slice(4).replaceAll('`', '');
    const cells = line.split('|').map((cell) => cell.trim());
    if (client === '' || !cells[1]?.startsWith('`')) continue;
    const [, theirs = '', ours = '', verdict = '', note = ''] = cells;
    const bare = (cell: string): string => cell.replaceAll('`', '');
    found.push({ client, source, theirs: bare(theirs), ours: bare(ours), verdict, note });
  }
  return found;
}

describe('docs/migration.md', () => {
  for (const [section, names] of Object.entries(published))
    it(`maps every option of ${section} once`, () => {
      const mapped = rows
        .filter(({ client, source }) => `${client} ${source}` === section)
        .map(({ theirs }) => theirs);

      expect(mapped).to.have.members(names);
    });

  it('names only options that exist', () => {
    const missing = rows.filter(({ ours }) => {
      const [owner = '', name = ''] = ours.split('.');
      if (owner === 'TurnOptions') return !turnOptions.includes(name);
      return spellings[owner] !== undefined && spellings[owner].get(name) !== name;
    });

    expect(missing).to.be.empty;
  });

  it('explains the replacement of every option', () => {
    const unclear = rows.filter(
      ({ verdict, ours, note }) =>
        !verdicts.includes(verdict) ||
        (verdict === 'not needed' ? ours !== '' || !note.startsWith('because') : ours === ''),
    );

    expect(unclear).to.be.empty;
  });

  it('promises only old names that are accepted', () => {
    const promised = rows.filter(
      ({ ours, verdict, theirs }) =>
        /^(?:CodexOptions|ThreadOptions|ThreadFilterRecord)\./.test(ours) &&
        verdict !== 'changed' &&
        theirs !== 'turn_service_tier',
    );

    const unread = promised.filter(({ ours, theirs }) => {
      const [owner = '', name] = ours.split('.');
      return spellings[owner]?.get(theirs) !== name;
    });

    expect(promised).to.have.length.greaterThan(40);
    expect(unread).to.be.empty;
  });
});
