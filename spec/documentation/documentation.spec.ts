import { expect } from 'chai';
import * as aiSdk from '../../lib/ai-sdk/index.js';
import * as fleet from '../../lib/fleet/index.js';
import * as library from '../../lib/index.js';
import * as nestjs from '../../lib/nestjs/index.js';
import * as parity from '../../lib/parity/index.js';
import {
  classesWithExample,
  regions,
  shownInComments,
  shownInPages,
  type Import,
  type Snippet,
} from './snippets.js';

/** The problem with a snippet, for its author; null if it is part of a program that the specs run. */
function objections({ place, code, imports }: Snippet): readonly string[] {
  const sources = regions().filter((region) => region.code === code);
  if (sources.length === 0)
    return [`${place}: no region under examples/ is equal to this snippet:\n${code}`];
  const missing = imports.filter(
    (wanted) => !sources.some((source) => source.imports.some((given) => covers(given, wanted))),
  );
  return missing.map(
    ({ names, from }) =>
      `${place}: ${sources[0]!.place} does not import ${names.join(', ')} from ${from}`,
  );
}

function covers(given: Import, wanted: Import): boolean {
  return given.from === wanted.from && wanted.names.every((name) => given.names.includes(name));
}

describe('Documentation', () => {
  it('has examples in doc comments only from programs that the specs run', () => {
    const shown = shownInComments();

    expect(shown).to.have.length.above(0);
    expect(shown.flatMap(objections)).to.deep.equal([]);
  });

  it('has snippets in its pages only from programs that the specs run', () => {
    const shown = shownInPages();

    expect(shown).to.have.length.above(0);
    expect(shown.flatMap(objections)).to.deep.equal([]);
  });

  it('contains every region of examples/snippets/', () => {
    const shown = new Set([...shownInComments(), ...shownInPages()].map(({ code }) => code));

    const unseen = regions().filter(
      ({ place, code }) => place.startsWith('examples/snippets') && !shown.has(code),
    );

    expect(unseen.map(({ place }) => place)).to.deep.equal([]);
  });

  it('has an example for every class that the package exports', () => {
    const classes = Object.entries({ ...library, ...parity, ...fleet, ...aiSdk, ...nestjs })
      .filter(([, value]) => typeof value === 'function' && /^class\b/.test(String(value)))
      .map(([name]) => name);
    const documented = new Set(classesWithExample());

    expect(classes).to.include.members([
      'Codex',
      'CodexOptions',
      'ResumeRejectedError',
      'TurnRecord',
    ]);
    expect(classes.filter((name) => !documented.has(name))).to.deep.equal([]);
  });

  it('names a snippet that no program has', () => {
    const made: Snippet = { place: 'here', code: 'codex.fly();', imports: [] };

    expect(objections(made)).to.deep.equal([
      'here: no region under examples/ is equal to this snippet:\ncodex.fly();',
    ]);
  });
});
