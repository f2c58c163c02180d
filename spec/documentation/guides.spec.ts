import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as aiSdk from '../../lib/ai-sdk/index.js';
import * as fleet from '../../lib/fleet/index.js';
import * as library from '../../lib/index.js';
import { read } from './snippets.js';

function guide(name: string): string {
  return read(`docs/guides/${name}.md`);
}

/** The members of a union of strings in a source file. */
function membersOf(file: string, type: string): readonly string[] {
  const [, body = ''] = new RegExp(`type ${type} =([^;]*);`).exec(read(file)) ?? [];
  return [...body.matchAll(/'([a-z-]+)'/g)].map(([, member = '']) => member);
}

/** The codes of the errors in the library. */
function codes(): readonly string[] {
  const files = readdirSync(resolve('lib'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^(testing|protocol)\b/.test(file),
  );
  return files.flatMap((file) =>
    [...read(join('lib', file)).matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code = '']) => code),
  );
}

function missingIn(text: string, words: readonly string[]): readonly string[] {
  return [...new Set(words)].filter((word) => !text.includes(`\`${word}\``));
}

describe('The guide "what can go wrong"', () => {
  const text = guide('what-can-go-wrong');

  it('names every error that the package exports', () => {
    const errors = Object.entries({ ...library, ...fleet, ...aiSdk })
      .filter(([, value]) => {
        const { prototype } = value as { prototype?: unknown };
        return prototype instanceof library.CodexError;
      })
      .map(([name]) => name);

    expect(errors).to.include.members(['TurnFailedError', 'ResumeRejectedError']);
    expect(missingIn(text, errors)).to.deep.equal([]);
  });

  it('names every code of an error', () => {
    expect(codes()).to.include.members(['turn-failed', 'thread-busy', 'process-exited']);
    expect(missingIn(text, codes())).to.deep.equal([]);
  });

  it('names every reason for which a turn fails', () => {
    const reasons = membersOf('lib/turn/turn-failed-error.ts', 'TurnFailureReason');

    expect(reasons).to.include('rate-limited');
    expect(missingIn(text, reasons)).to.deep.equal([]);
  });

  it('names every problem with a bundle', () => {
    const problems = membersOf('lib/fleet/bundle-error.ts', 'BundleProblem');

    expect(problems).to.include('bundle-damaged');
    expect(missingIn(text, problems)).to.deep.equal([]);
  });

  it('names every state of a thread that prevents an action', () => {
    const states = membersOf('lib/loaded/thread-state-error.ts', 'ThreadState');

    expect(states).to.include('thread-archived');
    expect(missingIn(text, states)).to.deep.equal([]);
  });
});

describe('The guide "resume safely"', () => {
  it('names every reason for which a resume is refused', () => {
    const reasons = membersOf('lib/resume/resume-verdict.ts', 'ResumeRejection');

    expect(reasons).to.include('stale');
    expect(missingIn(guide('resume-safely'), reasons)).to.deep.equal([]);
  });

  it('names every warning about an accepted thread', () => {
    const warnings = membersOf('lib/resume/resume-verdict.ts', 'ResumeWarning');

    expect(warnings).to.include('no-token');
    expect(missingIn(guide('resume-safely'), warnings)).to.deep.equal([]);
  });
});

describe('The guide on logs, traces and metrics', () => {
  it('names every channel', () => {
    const names = Object.entries(library.telemetry).flatMap(([key, { name }]) => [key, name]);

    expect(names).to.include.members(['turnEnd', 'codex.turn.end']);
    expect(missingIn(guide('observe'), names)).to.deep.equal([]);
  });
});

describe('The guides', () => {
  it('are all part of the documentation', () => {
    const { projectDocuments } = JSON.parse(read('typedoc.json')) as {
      projectDocuments: readonly string[];
    };
    const pages = readdirSync(resolve('docs/guides')).map((file) => `docs/guides/${file}`);

    expect(projectDocuments).to.include.members([...pages, 'docs/migration.md']);
  });
});
