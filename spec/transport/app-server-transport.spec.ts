import { expect } from 'chai';
import sinon from 'sinon';
import { AppServerTransport, Codex, StdioTransport, ValidationError } from '../../lib/index.js';
import { failure } from '../outcomes.js';

class Shared extends AppServerTransport {
  override get ownership(): 'shared' {
    return 'shared';
  }
}

function refusal(options: object): ValidationError {
  try {
    new Codex({ transport: new Shared(), ...options });
  } catch (error) {
    return error as ValidationError;
  }
  throw new Error('The client was made.');
}

describe('AppServerTransport', () => {
  it('rejects if open is not overridden', async () => {
    await using codex = new Codex({ transport: new AppServerTransport() });

    expect(await failure(codex.warmUp())).to.include({ code: 'invalid-state' });
  });

  it('can be stubbed, and is not used before it is needed', async () => {
    const transport = sinon.createStubInstance(StdioTransport);
    transport.connect.rejects(new Error('no connection today'));
    const codex = new Codex({ transport });
    codex.startThread();
    expect(transport.connect.callCount).to.equal(0);

    expect(await failure(codex.warmUp())).to.have.property('message', 'no connection today');
    await codex.close();
  });

  it('is not in the JSON of the options', () => {
    expect(new Codex({ transport: new StdioTransport() }).options.toJSON()).not.to.have.property(
      'transport',
    );
  });

  it('is refused if it is not an object', () => {
    expect(() => new Codex({ transport: 'ws://localhost' as never })).to.throw(
      ValidationError,
      'transport',
    );
  });

  describe('to a shared server', () => {
    const local = {
      codexPath: '/usr/bin/codex',
      codexHome: '/srv/codex',
      env: { PATH: '/bin' },
      environment: { inherit: 'core' },
      config: { model: 'm' },
      configOverrides: ['model="m"'],
      modelProvider: 'mine',
      baseUrl: 'http://127.0.0.1:1/v1',
      apiKey: 'sk-of-the-user-1234',
      isolation: 'private',
    } as const;

    for (const [name, value] of Object.entries(local))
      it(`refuses ${name}, which is only for a process of the client`, () => {
        const { problems } = refusal({ [name]: value });

        expect(problems.map(({ path }) => path)).to.deep.equal([name]);
        expect(problems[0]?.reason).to.match(
          /an independent server$|^would change the login for every client of this server/,
        );
      });

    it('accepts options for any server', () => {
      const transport = new Shared();

      expect(new Codex({ transport, keepLoadedMs: 1 }).options.transport).to.equal(transport);
    });
  });
});
