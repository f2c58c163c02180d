import { expect } from 'chai';
import { Codex } from '../../lib/index.js';
import {
  FaultyAppServer,
  Gate,
  RecordingTransport,
  ReplayTransport,
  type Transcript,
} from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { conformanceScenarios, type ConformanceScenario } from './conformance-scenarios.js';

/** The methods that a client has sent. */
type Said = ReadonlySet<string>;

interface Kind {
  readonly play: (scenario: ConformanceScenario, name: string) => Promise<unknown>;
}

describe('Everything that stands for codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  const transcripts = new Map<string, Transcript>();
  const sent = { real: new Map<string, Said>(), fake: new Map<string, Said>() };

  before(async () => {
    offline = await OfflineCodex.start();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const kinds: Readonly<Record<string, Kind>> = {
    'the real binary': {
      play: async (scenario, name) => {
        const go = new Gate();
        offline.model.reply(...scenario.model(go));
        const recording = new RecordingTransport();
        const codex = offline.client({ transport: recording });
        const letGo = (): void => {
          go.open();
        };
        const facts = await scenario.play({ codex, letGo }).finally(letGo);
        await codex.close();
        const { transcript } = recording;
        transcripts.set(name, transcript);
        sent.real.set(name, methodsOf(transcript.processes.flatMap(({ messages }) => messages)));
        return facts;
      },
    },
    'a replay of it': {
      play: async (scenario, name) => {
        const replay = new ReplayTransport(transcripts.get(name)!);
        const codex = new Codex({ transport: replay });
        const facts = await scenario.play({ codex, letGo: () => undefined });
        await codex.close();
        replay.assertFinished();
        return facts;
      },
    },
    'the fake': {
      play: async (scenario, name) => {
        const server = new FaultyAppServer();
        scenario.fake(server);
        const codex = new Codex({ transport: server.transport, apiKey: 'spec-key-1234567890' });
        const letGo = (): void => {
          server.gate('go').open();
        };
        const facts = await scenario.play({ codex, letGo });
        await codex.close();
        sent.fake.set(
          name,
          methodsOf(server.received.map(({ message }) => ({ client: message ?? {} }))),
        );
        return facts;
      },
    },
  };

  for (const [kind, { play }] of Object.entries(kinds))
    describe(`as ${kind}`, () => {
      for (const [name, scenario] of Object.entries(conformanceScenarios))
        it(name, async () => {
          expect(await play(scenario, name)).to.deep.equal(scenario.facts);
        });
    });

  describe('as the fake, beside the real binary', () => {
    for (const name of Object.keys(conformanceScenarios))
      it(`is asked the same by a client: ${name}`, () => {
        expect([...sent.fake.get(name)!].sort()).to.deep.equal([...sent.real.get(name)!].sort());
      });
  });
});

function methodsOf(messages: readonly { readonly client?: object }[]): Said {
  return new Set(
    messages.flatMap(({ client }) => {
      const { method } = (client ?? {}) as { readonly method?: unknown };
      return typeof method === 'string' ? method : [];
    }),
  );
}
