import { expect } from 'chai';
import { Codex, type AppServerTransport } from '../../../lib/index.js';
import {
  Gate,
  RecordingTransport,
  ReplayTransport,
  type Transcript,
} from '../../../lib/testing/index.js';
import { OfflineCodex } from '../../offline-codex.js';
import { noProcessLeft } from '../../root-hooks.js';
import { conformanceScenarios, type ConformanceScenario } from './conformance-scenarios.js';

interface Kind {
  readonly play: (scenario: ConformanceScenario, name: string) => Promise<unknown>;
}

describe('A client', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  const transcripts = new Map<string, Transcript>();

  before(async () => {
    offline = await OfflineCodex.start();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function playOn(
    transport: AppServerTransport,
    { model, play }: ConformanceScenario,
  ): Promise<unknown> {
    const go = new Gate();
    offline.model.reply(...model(go));
    const codex = offline.client({ transport });
    const letGo = (): void => {
      go.open();
    };
    const facts = await play({ codex, letGo }).finally(letGo);
    await codex.close();
    return facts;
  }

  const kinds: Readonly<Record<string, Kind>> = {
    'the real binary': {
      play: async (scenario, name) => {
        const recording = new RecordingTransport();
        const facts = await playOn(recording, scenario);
        transcripts.set(name, recording.transcript);
        return facts;
      },
    },
    'a server on a WebSocket': {
      play: async (scenario) => playOn(offline.transport({}, 'websocket'), scenario),
    },
    'a server on a Unix socket': {
      play: async (scenario) => playOn(offline.transport({}, 'unix'), scenario),
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
  };

  for (const [kind, { play }] of Object.entries(kinds))
    describe(`of ${kind}`, () => {
      for (const [name, scenario] of Object.entries(conformanceScenarios))
        it(name, async () => {
          expect(await play(scenario, name)).to.deep.equal(scenario.facts);
        });
    });
});
