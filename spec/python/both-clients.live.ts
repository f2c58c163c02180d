import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { inWords, recognised, SameIds, type KnownDifference } from './differences.js';
import { fixtures, recorded, recordedFiles, scenarioNames } from './fixture-folder.js';
import {
  requestDeviations,
  requestGaps,
  resultDeviations,
  resultGaps,
} from './known-differences.js';
import { LiveStage } from './live-stage.js';
import { metadataDifferences, outcomeDifferences, type PythonOutcome } from './python-result.js';
import { ScenarioPlayer, scenarioNamed, type Outcome } from './scenario-player.js';
import { requestDifferences, requestsIn, type SentRequest } from './wire-requests.js';

// Run by `npm run test:python`: it needs PyPI, so `npm test` does not include it.

const scenarios = scenarioNames();

interface Played {
  readonly project: string;
  readonly outcomes: readonly Outcome[];
  readonly requests: readonly SentRequest[];
  readonly surprises: readonly string[];
}

async function play(name: string): Promise<Played> {
  const scenario = scenarioNamed(name);
  await using stage = await LiveStage.of(scenario);
  const outcomes = await new ScenarioPlayer(scenario, stage).play();
  const { project, surprises } = stage;
  return { project, outcomes, requests: await stage.requests(), surprises };
}

async function harvest(folder: string): Promise<void> {
  const program = resolve('fixtures/python/harvest.py');
  const child = spawn('python3', [program, '--into', folder, ...scenarios], { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The harvester ended with code ${code}.`);
}

describe('The Python client and ours, on one codex-rs', function () {
  this.timeout(600_000);
  const ours = new Map<string, Played>();
  const used = new Set<KnownDifference | null>();
  let fresh: TemporaryCodexHome;

  before(async () => {
    fresh = await TemporaryCodexHome.create();
    await harvest(fresh.path);
    for (const name of scenarios) ours.set(name, await play(name));
    await noProcessLeft();
  });

  after(async () => {
    await fresh.remove();
  });

  for (const name of scenarios)
    describe(`in ${name}`, () => {
      it('return the same results, by the same requests', () => {
        const { project, outcomes, requests, surprises } = ours.get(name)!;
        const python = recorded(name, 'result.json', fresh.path) as PythonOutcome[];
        const metadata = recorded(name, 'metadata.json', fresh.path) as Record<string, unknown>;
        const sent = requestsIn(recorded(name, 'transcript.jsonl', fresh.path) as unknown[]);
        const ids = new SameIds();

        const ofResults = [
          ...outcomes.flatMap((outcome) =>
            outcomeDifferences(python[outcome.step]!, outcome, ids, project),
          ),
          ...metadataDifferences(metadata, outcomes, ids, project),
        ];
        const ofRequests = requestDifferences(sent, requests, ids);
        const unknown = (found: typeof ofResults, table: readonly KnownDifference[]): string[] =>
          found
            .filter((one) => {
              const known = recognised(name, one, table);
              used.add(known);
              return known === null;
            })
            .map(inWords);

        expect(surprises).to.deep.equal([]);
        expect(unknown(ofResults, [...resultDeviations, ...resultGaps])).to.deep.equal([]);
        expect(unknown(ofRequests, [...requestDeviations, ...requestGaps])).to.deep.equal([]);
      });

      it('matches the current behavior of the Python client', async () => {
        for (const file of recordedFiles)
          expect(await readFile(join(fresh.path, name, file), 'utf8'), file).to.equal(
            await readFile(join(fixtures, name, file), 'utf8'),
          );
      });
    });

  describe('in all of them together', () => {
    it('differ as listed for the live codex-rs', () => {
      const stale = [...requestGaps, ...requestDeviations, ...resultGaps, ...resultDeviations]
        .filter((entry) => entry.isLiveOnly === true && !used.has(entry))
        .map(({ where, reason }) => `${where}: ${reason}`);

      expect(stale).to.deep.equal([]);
    });
  });
});
