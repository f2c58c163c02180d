import { expect } from 'chai';
import { testedCodexVersion } from '../../lib/version.js';
import { ThreadMetadata, ValidationError } from '../../lib/index.js';
import { recorded } from '../python/fixture-folder.js';

type Json = Record<string, unknown>;

function oneTurn(changes: Json = {}): Json {
  const { main } = recorded('one-turn', 'metadata.json') as { main: Json };
  return { ...main, ...changes };
}

function problemsOf(json: unknown): ValidationError['problems'] {
  try {
    ThreadMetadata.fromJSON(json);
  } catch (error) {
    if (ValidationError.is(error)) return error.problems;
    throw error;
  }
  return [];
}

describe('ThreadMetadata', () => {
  it('reads the data of codex-rs about a thread', () => {
    const metadata = ThreadMetadata.fromJSON(oneTurn({ name: 'Birds', reasoningEffort: 'low' }));

    expect(metadata).to.include({
      name: 'Birds',
      preview: 'Say hello',
      model: 'gpt-5.5',
      modelProvider: 'scripted',
      modelReasoningEffort: 'low',
      workingDirectory: '/home/user/project',
      codexVersion: testedCodexVersion,
      originator: 'codex_python_sdk',
      source: 'vscode',
      status: 'idle',
      isEphemeral: false,
      isArchived: false,
    });
    expect(metadata.sessionId).to.equal(metadata.threadId);
    expect(metadata.createdAt.toISOString()).to.equal('2023-11-14T22:13:20.000Z');
    expect(metadata.turns.map(({ status }) => status)).to.deep.equal(['completed']);
  });

  it('is null for values that the JSON omits', () => {
    const json = oneTurn();
    for (const key of ['name', 'path', 'recencyAt', 'gitInfo', 'parentThreadId', 'threadSource'])
      Reflect.deleteProperty(json, key);

    const metadata = ThreadMetadata.fromJSON(json);

    expect(metadata).to.include({
      name: null,
      path: null,
      recencyAt: null,
      gitInfo: null,
      parentThreadId: null,
      threadSource: null,
      isArchived: false,
    });
  });

  it('keeps unknown keys, in their position', () => {
    const json = { mood: { of: ['the', 'day'] }, ...oneTurn(), last: null };

    const given = ThreadMetadata.fromJSON(json).toJSON();

    expect(JSON.stringify(given)).to.equal(JSON.stringify(json));
  });

  it('does not change with the JSON from which it was created', () => {
    const json = oneTurn();
    const metadata = ThreadMetadata.fromJSON(json);

    json.preview = 'Something else';
    metadata.toJSON().preview = 'Something else';

    expect(metadata.preview).to.equal('Say hello');
  });

  it('is deeply frozen', () => {
    const metadata = ThreadMetadata.fromJSON(oneTurn());

    expect(metadata).to.be.frozen;
    expect(metadata.turns).to.be.frozen;
    expect(metadata.turns[0]?.items[0]).to.be.frozen;
  });

  it('reports all mistyped values at once', () => {
    const json = oneTurn({ id: 7, createdAt: '2023', name: ['Birds'], status: { type: null } });

    expect(problemsOf(json)).to.deep.equal([
      { path: 'id', reason: 'must be a string, got 7' },
      { path: 'createdAt', reason: 'must be a number, got "2023"' },
      { path: 'name', reason: 'must be a string, got an array' },
      { path: 'status.type', reason: 'must be a string, got null' },
    ]);
  });

  it('reports missing values', () => {
    const json = oneTurn();
    Reflect.deleteProperty(json, 'sessionId');

    expect(problemsOf(json)).to.deep.equal([{ path: 'sessionId', reason: 'is missing' }]);
  });

  [null, 'thread', 7, [], new Date(0)].forEach((value) => {
    it(`refuses ${JSON.stringify(value)} in place of an object`, () => {
      expect(problemsOf(value)).to.have.length(1);
    });
  });
});
