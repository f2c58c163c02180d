import { expect } from 'chai';
import * as library from '../../lib/index.js';
import { publicMembers, type PublicMember } from './public-methods.js';
import { read } from './snippets.js';

interface Row {
  readonly methods: readonly string[];
  readonly text: string;
}

const page = read('docs/guides/what-can-go-wrong.md');

/** The rows of the table under a heading. */
function rowsUnder(heading: string): readonly Row[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  return (section.split(/\n##/)[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (-|method)/.test(line))
    .map((text) => {
      const [, first = ''] = text.split('|');
      return {
        text,
        methods: [...first.matchAll(/`(?:new )?(\w+)/g)].map(([, name = '']) => name),
      };
    });
}

/** The errors of a method on the page; the result of a turn covers `run` and reading the turn. */
function rowsFor({ name }: PublicMember, rows: readonly Row[]): string {
  const own = rows.filter(({ methods }) => methods.includes(name));
  const told = own.map(({ text }) => text).join('\n');
  const result = rowsUnder('Turn').filter(({ methods }) => methods.includes('result'));
  return told.includes('`result`') ? [told, ...result.map(({ text }) => text)].join('\n') : told;
}

const classes = {
  Codex: 'lib/codex.ts',
  ThreadBuilder: 'lib/thread/thread-builder.ts',
  Thread: 'lib/thread/thread.ts',
  Turn: 'lib/turn/turn.ts',
  Account: 'lib/account/account.ts',
};

describe('What can go wrong, by method', () => {
  for (const [className, file] of Object.entries(classes))
    describe(`of ${className}`, () => {
      const members = publicMembers(file, className);
      const methods = members.filter(({ isMethod }) => isMethod);
      const rows = rowsUnder(className);

      it('lists every method, with the errors in its doc comment', () => {
        const missing = methods.flatMap((method) => {
          const told = rowsFor(method, rows);
          if (told === '') return [`${method.name}: has no row`];
          return method.throws
            .filter((error) => !told.includes(`\`${error}\``))
            .map((error) => `${method.name}: ${error}`);
        });

        expect(methods).not.to.deep.equal([]);
        expect(missing).to.deep.equal([]);
      });

      it('lists only existing methods and errors', () => {
        const known = [className, 'wait', ...members.map(({ name }) => name)];
        const errors = rows.flatMap(({ text }) => text.match(/\b[A-Z]\w+Error\b/g) ?? []);
        const named = rows
          .flatMap((row) => row.methods)
          .filter((name) => name !== 'PendingLogin' && !known.includes(name));

        expect(named).to.deep.equal([]);
        expect(Object.keys(library)).to.include.members(errors);
      });

      it('describes the cause of every error', () => {
        const silent = rows.filter(({ text }) => {
          const [, , error = '', when = ''] = text.split('|');
          return error.includes('Error') && when.trim() === '';
        });

        expect(silent).to.deep.equal([]);
      });
    });
});
