import { expect } from 'chai';
import {
  Codex,
  Secret,
  UnixSocketTransport,
  ValidationError,
  WebSocketTransport,
  type CodexOptionsRecord,
  type WebSocketOptionsRecord,
} from '../../lib/index.js';

/** The problems of a refusal, as `path reason`. */
function problemsOf(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    return error.problems.map(({ path, reason }) => `${path} ${reason}`);
  }
  return [];
}

function ofWebSocket(options: object): readonly string[] {
  return problemsOf(() => new WebSocketTransport(options as WebSocketOptionsRecord));
}

const token = 'remote-token-1234567890';

describe('The options of a WebSocketTransport', () => {
  it('are refused with all problems', () => {
    const problems = ofWebSocket({
      url: 'https://example.com',
      token: '',
      headers: { 'a b': 'c', good: 'bad\nvalue' },
      reconnectMs: -1,
      pingIntervalMs: 0,
      ownership: 'mine',
      tokn: 'x',
    });

    expect(problems.map((problem) => problem.split(' ')[0])).to.have.members([
      'url',
      'token',
      'headers',
      'headers.good',
      'reconnectMs',
      'pingIntervalMs',
      'ownership',
      'tokn',
    ]);
    expect(problems.join('\n')).to.match(/tokn .*did you mean "?token"?/i);
  });

  for (const url of ['', 'localhost:4500', 'ftp://host', 'ws://host/#part', 17, null])
    it(`are refused with the URL ${JSON.stringify(url)}`, () => {
      expect(ofWebSocket({ url }).join()).to.match(/^url must/);
    });

  it('are refused without a URL', () => {
    expect(ofWebSocket({})).to.deep.equal(['url is required']);
  });

  for (const scheme of ['wss://', 'https://', 'example:', ''])
    it(`are refused with a password in a URL, which is not repeated: ${scheme}`, () => {
      const problems = ofWebSocket({ url: `${scheme}user:hunter2-hunter2@example.com` });

      expect(problems.join())
        .to.match(/^url must/)
        .and.not.contain('hunter2');
    });

  for (const secret of [{ token }, { token: () => token }, { headers: { 'X-Token': token } }])
    it(`are refused when ${Object.keys(secret).join()} would cross a network unencrypted`, () => {
      const problems = ofWebSocket({ url: 'ws://build-host:4500', ...secret });

      expect(problems.join())
        .to.match(/^url would send/)
        .and.not.contain(token);
      expect(ofWebSocket({ url: 'ws://build-host:4500', allowInsecure: true, ...secret })).to.be
        .empty;
    });

  for (const url of ['ws://127.0.0.1:1', 'ws://[::1]:1', 'ws://localhost:1', 'wss://build-host'])
    it(`accept a token for ${url}`, () => {
      expect(ofWebSocket({ url, token: new Secret(token) })).to.be.empty;
    });

  it('accept a URL without a token, and a URL object', () => {
    expect(ofWebSocket({ url: new URL('ws://build-host:4500') })).to.be.empty;
  });
});

describe('The options of a UnixSocketTransport', () => {
  it('are refused with all problems', () => {
    const problems = problemsOf(
      () => new UnixSocketTransport({ path: 'not/absolute\0', reconectMs: 1 } as never),
    );

    expect(problems.join('\n'))
      .to.match(/^path /m)
      .and.match(/^reconectMs .*reconnectMs/m);
    expect(problemsOf(() => new UnixSocketTransport({} as never))).to.deep.equal([
      'path is required',
    ]);
  });
});

describe('The options of a client of an external server', () => {
  const local: Readonly<Record<string, CodexOptionsRecord>> = {
    codexPath: { codexPath: '/opt/codex' },
    codexHome: { codexHome: '/opt/home' },
    sqliteHome: { sqliteHome: '/opt/databases' },
    env: { env: {} },
    environment: { environment: { inherit: 'core' } },
    config: { config: { model: 'gpt' } },
    configOverrides: { configOverrides: ['model="gpt"'] },
    modelProvider: { modelProvider: 'corp' },
    baseUrl: { baseUrl: 'http://localhost:1' },
    isolation: { isolation: 'private' },
  };

  for (const ownership of ['shared', 'dedicated'] as const) {
    const transport = new WebSocketTransport({ url: 'ws://127.0.0.1:1', ownership });

    for (const [name, options] of Object.entries(local))
      it(`are refused by name if they are for a process, on a ${ownership} one: ${name}`, () => {
        const problems = problemsOf(() => new Codex({ transport, ...options }));

        expect(problems.join('\n')).to.match(
          new RegExp(`^${name} applies only to a codex-rs`, 'm'),
        );
      });
  }

  it('are refused with a key that would log in all users, which is not repeated', () => {
    const transport = new UnixSocketTransport({ path: '/tmp/some.sock' });
    const problems = problemsOf(() => new Codex({ transport, apiKey: 'spec-key-1234567890' }));

    expect(problems.join())
      .to.match(/^apiKey would change the login for every client/)
      .and.not.contain('spec-key');
  });
});
