import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryHome } from './transport/real-launch.js';

interface Change {
  readonly kind: string;
  readonly sign: string;
  readonly name: string;
}

interface ProtocolChanges {
  readProtocol(folder: string): object;
  protocolChanges(before: object, after: object): readonly Change[];
  described(changes: readonly Change[]): string;
  namesOf(changes: readonly Change[], kind: string, sign: string): string;
}

const text = { type: 'string' };
const listed = { $ref: '#/definitions/v2/ThreadListParams' };

function union(...methods: readonly string[]): object {
  return {
    oneOf: methods.map((method) => ({
      properties: { method: { enum: [method] }, params: listed },
    })),
  };
}

const older = {
  ClientRequest: union('thread/list', 'thread/rollback'),
  ServerNotification: union('turn/started'),
  ServerRequest: union('currentTime/read'),
  CurrentTime: { properties: { at: text }, required: ['at'] },
  v2: {
    ThreadListParams: {
      properties: {
        cursor: { ...text, description: 'Where to begin.' },
        limit: { type: 'integer' },
      },
    },
    Failure: { anyOf: [{ enum: ['overloaded'] }, { properties: { failed: text } }] },
    Item: { oneOf: [{ properties: { type: { enum: ['call'] }, tool: text }, required: ['type'] }] },
    Same: text,
  },
};

const newer = {
  ClientRequest: union('thread/list', 'thread/search'),
  ServerNotification: union('turn/started', 'thread/search/partial'),
  ServerRequest: union(),
  v2: {
    ThreadListParams: {
      properties: {
        cursor: { ...text, description: 'Where the page begins.' },
        limit: { type: ['integer', 'null'] },
        ids: { type: ['array', 'null'], items: text, description: 'Only these.' },
      },
      required: ['limit'],
    },
    Failure: { anyOf: [{ enum: ['overloaded', 'forbidden'] }, { properties: { failed: text } }] },
    Item: {
      oneOf: [
        {
          properties: { type: { enum: ['call'] }, tool: text, place: text },
          required: ['type', 'place'],
        },
        { properties: { type: { enum: ['wait'] } }, required: ['type'] },
      ],
    },
    Same: text,
    Search: { properties: { term: text }, required: ['term'] },
  },
};

describe('The changes of the protocol', () => {
  let script: ProtocolChanges;
  let changes: readonly Change[];

  before(async () => {
    using home = temporaryHome();
    const file = 'codex_app_server_protocol.schemas.json';
    for (const [name, definitions] of Object.entries({ older, newer })) {
      mkdirSync(join(home.path, name));
      writeFileSync(join(home.path, name, file), JSON.stringify({ definitions }));
    }
    script = (await import(
      pathToFileURL(resolve('scripts/protocol-changes.mjs')).href
    )) as ProtocolChanges;
    const [old, now] = ['older', 'newer'].map((name) => script.readProtocol(join(home.path, name)));
    changes = script.protocolChanges(old ?? {}, now ?? {});
  });

  it('are listed by method, notification, request and field, in the terms of the protocol', () => {
    expect(script.described(changes).split('\n')).to.deep.equal([
      'Methods',
      '  - thread/rollback',
      '  + thread/search (ThreadListParams)',
      '',
      'Notifications',
      '  + thread/search/partial (ThreadListParams)',
      '',
      'Server requests',
      '  - currentTime/read',
      '',
      'Fields',
      '  + Failure "forbidden"',
      '  + Item[call].place: string',
      '  + Item[wait]',
      '  ~ ThreadListParams.limit: integer | null   (was ?: integer)',
      '  + ThreadListParams.ids?: string[] | null',
      '      Only these.',
      '',
      'Types',
      '  - CurrentTime',
      '  + Search term: string',
      '',
      'Words',
      '  " ThreadListParams.cursor',
      '      Where the page begins.',
    ]);
  });

  it('are summarized in one sentence', () => {
    expect(script.namesOf(changes, 'Methods', '+')).to.equal('`thread/search`');
    expect(script.namesOf(changes, 'Notifications', '-')).to.equal('');
  });

  it('are empty for identical protocols', () => {
    const none = script.protocolChanges({ types: {} }, { types: {} });

    expect(script.described(none)).to.equal('The protocol is the same.');
  });
});
