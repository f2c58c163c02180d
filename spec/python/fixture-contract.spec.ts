import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fixtures, recorded, recordedFiles, scenarioNames } from './fixture-folder.js';
import { missingIn, schemaOf, unexpectedIn, type FixtureSchema } from './fixture-schema.js';

const lock = JSON.parse(readFileSync(join(fixtures, 'schema.lock.json'), 'utf8')) as FixtureSchema;
const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const fixedId = /^[0-9a-f]{8}-0000-[1-8]000-8000-\d{12}$/;

function textOf(scenario: string, file: string): string {
  return readFileSync(join(fixtures, scenario, file), 'utf8');
}

function mutated(change: (thread: Record<string, unknown>) => void): unknown {
  const content = recorded('one-turn', 'metadata.json') as { main: Record<string, unknown> };
  change(content.main);
  return content;
}

describe('The fixtures of the Python client', () => {
  it('cover every required scenario', () => {
    expect(scenarioNames()).to.include.members([
      'one-turn',
      'two-turns',
      'resume-in-new-client',
      'fork',
      'archive-and-unarchive',
      'name-and-read',
      'list',
      'streamed-deltas',
      'steer',
      'interrupt',
      'output-schema',
      'local-image',
      'deny-all',
      'provider-failure',
      'compact',
      'resume-unknown-id',
      'resume-never-ran',
      'resume-archived',
      'resume-advanced',
      'resume-reverted',
      'resume-cut-off',
    ]);
  });

  for (const scenario of scenarioNames())
    describe(scenario, () => {
      it('is recorded completely', () => {
        const missing = recordedFiles.filter((file) => !existsSync(join(fixtures, scenario, file)));

        expect(missing).to.deep.equal([]);
      });

      it('contains only keys of the lock', () => {
        const unexpected = recordedFiles.flatMap((file) =>
          unexpectedIn(scenario, file, recorded(scenario, file), lock),
        );

        expect(unexpected, unexpected.join('\n')).to.deep.equal([]);
      });

      it('names its ids in order of appearance', () => {
        const given: readonly string[] = textOf(scenario, 'scenario.json').match(anyId) ?? [];
        const ids = recordedFiles.flatMap((file) => textOf(scenario, file).match(anyId) ?? []);

        const recordedIds = ids.filter((id) => !given.includes(id));
        const numbers = new Set(recordedIds.map((id) => Number(id.slice(24))));

        const foreign = recordedIds.filter((id) => !fixedId.test(id));
        expect(foreign).to.deep.equal([]);
        expect([...numbers]).to.deep.equal(Array.from(numbers, (_, index) => index + 1));
      });

      it('contains no data of the machine that recorded it', () => {
        const told = recordedFiles.filter((file) => {
          const text = textOf(scenario, file);
          return text.includes(`${homedir()}/`) || /\/(tmp|root|home\/(?!user\b))/.test(text);
        });

        expect(told).to.deep.equal([]);
      });
    });

  it('contain every key of the lock', () => {
    const missing = missingIn(schemaOf(), lock);

    expect(missing, missing.join('\n')).to.deep.equal([]);
  });
});

describe('The contract of the fixtures', () => {
  it('names an unexpected key, its fixture and how to accept it', () => {
    const content = mutated((thread) => {
      thread.mood = 'cheerful';
    });

    const problems = unexpectedIn('one-turn', 'metadata.json', content, lock);

    expect(problems).to.deep.equal([
      'one-turn/metadata.json: unexpected key *.mood (string). If this is what the client now really does, accept it: npm run fixtures:harvest -- --update-lock',
    ]);
  });

  it('names an unexpected key deep inside an item', () => {
    const content = mutated((thread) => {
      const [turn] = thread.turns as { items: Record<string, unknown>[] }[];
      turn!.items[1]!.mood = null;
    });

    const [problem] = unexpectedIn('one-turn', 'metadata.json', content, lock);

    expect(problem).to.contain('unexpected key *.turns[].items[]<agentMessage>.mood (null)');
  });

  it('names a key whose type changed', () => {
    const content = mutated((thread) => {
      thread.createdAt = 'yesterday';
    });

    const [problem] = unexpectedIn('one-turn', 'metadata.json', content, lock);

    expect(problem).to.contain('*.createdAt is string, and so far was number');
  });

  it('names an unexpected parameter of a request', () => {
    const lines = recorded('one-turn', 'transcript.jsonl') as {
      message?: { method?: string; params?: Record<string, unknown> };
    }[];
    const start = lines.find(({ message }) => message?.method === 'thread/start');
    start!.message!.params!.mood = true;

    const [problem] = unexpectedIn('one-turn', 'transcript.jsonl', lines, lock);

    expect(problem).to.contain('unexpected key client thread/start.params.mood (boolean)');
  });

  it('names a locked key that no fixture contains any longer', () => {
    const wider = { ...lock, 'metadata.json': { ...lock['metadata.json'], '*.mood': ['string'] } };

    const [problem] = missingIn(schemaOf(), wider);

    expect(problem).to.contain('metadata.json: no fixture has *.mood as string any more');
  });
});
