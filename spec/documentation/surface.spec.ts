import { expect } from 'chai';
import { published } from '../options/published-options.js';
import { LanguageService } from './language-service.js';
import { read } from './snippets.js';

/** The cells of each row in a section of `docs/migration.md`. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = read('docs/migration.md').split(`\n${heading}\n`);
  const [table = ''] = section.split(/\n##/, 1);
  return [...table.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) =>
    row.split(/ (?<!\\)\| /).map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

/** The code in a cell. */
function codeIn(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

describe('The exports of the package', function () {
  this.timeout(20_000);
  let editor: LanguageService;
  let main: readonly string[];

  before(() => {
    editor = new LanguageService();
    main = editor.exports('./lib/index.js');
  });

  /** The compiler errors of a type that uses exports. */
  function objections(type: string): readonly string[] {
    const names = [...type.matchAll(/(?<!')\b\w+\b(?!')/g)]
      .map(([name]) => name)
      .filter((name) => main.includes(name));
    const imports = `import type { ${[...new Set(names)].join(', ')} } from './lib/index.js';`;
    return editor.messages(`${imports}\nexport type Wanted = ${type};`).map((text) => {
      return `${type}: ${text}`;
    });
  }

  it('are few', () => {
    expect(main).to.have.length.within(100, 200);
    expect(editor.exports('./lib/testing/index.js')).to.have.length.within(30, 60);
  });

  it('include the names that programs of the official SDK import', () => {
    const names = (published['TypeScript Exported types'] ?? []).filter((name) =>
      /(Item|Event|Error)$/.test(name),
    );

    expect(names).to.include.members(['ThreadItem', 'TodoListItem', 'ThreadEvent', 'ThreadError']);
    expect(main).to.include.members([...names, 'Usage']);
  });

  it('have a row for every name that the official SDK exports', () => {
    const rows = rowsUnder('### Exported types');

    expect(rows.flatMap(([theirs]) => codeIn(theirs))).to.have.members(
      published['TypeScript Exported types'] ?? [],
    );
    expect(rows.flatMap(([, ours]) => codeIn(ours)).flatMap(objections)).to.deep.equal([]);
  });

  it('have a row for every name that was removed, with a type that compiles', () => {
    const rows = rowsUnder('## From earlier versions of this package');
    const removed = rows.filter(([was = '']) => /^(`\w+`(, )?)+$/.test(was));
    const types = rows.flatMap(([, now]) => codeIn(now)).filter((code) => code.includes('['));

    expect(rows).to.have.length.above(80);
    expect(removed.flatMap(([was]) => codeIn(was)).filter((name) => main.includes(name))).to.be
      .empty;
    expect(types.flatMap(objections)).to.deep.equal([]);
  });
});

describe('The notifications of the Python client', () => {
  it('have rows with methods of the protocol, and with all events that codex-rs causes', () => {
    const rows = rowsUnder('### Notifications');
    const [, union = ''] = /^export type ServerNotification = (.*)$/m.exec(
      read('lib/protocol/generated/protocol.ts'),
    ) ?? [undefined, ''];
    const methods = [...union.matchAll(/"method": "([^"]+)"/g)].map(([, method]) => method);
    const [events = ''] = read('lib/turn/turn-events.ts').split('\n}\n', 1);
    const types = [...events.matchAll(/^ {2}readonly '?([\w.]+)'?:/gm)].map(([, type]) => type);
    const named = rows.flatMap(([, event]) => codeIn(event));
    const others = /^(approval|connection|subagent|item\.updated)/;

    expect(rows).to.have.length.above(10);
    expect(methods).to.include.members(rows.flatMap(([method]) => codeIn(method)));
    expect(named).to.include.members(types.filter((type = '') => !others.test(type)));
  });
});
