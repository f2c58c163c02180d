import { expect } from 'chai';
import { ThreadMetadata, ValidationError, type ValidationProblem } from '../../lib/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { differencesOf, inWords, recognised, SameIds, type Difference } from './differences.js';
import { recorded, scenarioNames } from './fixture-folder.js';
import {
  leftOutOptions,
  requestDeviations,
  requestGaps,
  resultDeviations,
  resultGaps,
} from './known-differences.js';
import { metadataDifferences, outcomeDifferences, type PythonOutcome } from './python-result.js';
import { ReplayStage } from './replay-stage.js';
import { ScenarioPlayer, scenarioNamed, type Outcome } from './scenario-player.js';
import { requestDifferences, requestsIn, type SentRequest } from './wire-requests.js';

const knownOfRequests = [...requestDeviations, ...requestGaps];
const knownOfResults = [...resultDeviations, ...resultGaps];

function unknown(
  scenario: string,
  differences: readonly Difference[],
  table: typeof knownOfRequests,
): string[] {
  return differences
    .filter((difference) => recognised(scenario, difference, table) === null)
    .map(inWords);
}

describe('ThreadMetadata', () => {
  for (const scenario of scenarioNames())
    it(`round-trips the recording of Python in ${scenario}, key by key`, () => {
      const threads = Object.values(recorded(scenario, 'metadata.json') as object);

      const given = threads.map((json) => ThreadMetadata.fromJSON(json));

      expect(JSON.stringify(given)).to.equal(JSON.stringify(threads));
      expect(given.map((thread) => thread.toJSON())).to.deep.equal(threads);
    });

  it('round-trips every thread that codex-rs sent, key by key', () => {
    const threads = scenarioNames().flatMap((scenario) => threadsOnTheWire(scenario));

    const given = threads.map((json) => ThreadMetadata.fromJSON(json));

    expect(threads).to.have.length.above(90);
    expect(JSON.stringify(given)).to.equal(JSON.stringify(threads));
  });
});

describe('Our client, replaying the messages of codex-rs to the Python client', function () {
  this.timeout(60_000);
  const played = new Map<string, Played>();

  before(async () => {
    for (const scenario of scenarioNames()) played.set(scenario, await replay(scenario));
    await noProcessLeft();
  });

  for (const scenario of scenarioNames())
    describe(`in ${scenario}`, () => {
      it('reaches the same results', () => {
        const { outcomes, ofResults } = played.get(scenario)!;

        expect(outcomes).not.to.be.empty;
        expect(unknown(scenario, ofResults, knownOfResults)).to.deep.equal([]);
      });

      it('sends the same requests, parameter by parameter', () => {
        const { requests, ofRequests } = played.get(scenario)!;

        expect(requests).not.to.be.empty;
        expect(unknown(scenario, ofRequests, knownOfRequests)).to.deep.equal([]);
      });
    });

  describe('in every-option', () => {
    for (const { option, refusedAt } of leftOutOptions)
      if (refusedAt !== undefined)
        it(`does not receive ${option} for a turn, which it would reject at ${refusedAt}`, async () => {
          const problems = await problemsWith('every-option', option);

          expect(problems.map(({ path }) => path)).to.deep.equal([refusedAt]);
        });
  });

  describe('in all of them together', () => {
    it('differs as listed, without outdated entries', () => {
      const used = new Set(
        [...played].flatMap(([scenario, { ofResults, ofRequests }]) => [
          ...ofResults.map((one) => recognised(scenario, one, knownOfResults)),
          ...ofRequests.map((one) => recognised(scenario, one, knownOfRequests)),
        ]),
      );

      const stale = [...knownOfRequests, ...knownOfResults].filter(
        (entry) => !used.has(entry) && entry.isLiveOnly !== true,
      );

      expect(stale.map(({ where, reason }) => `${where}: ${reason}`)).to.deep.equal([]);
    });
  });
});

describe('The comparison of the two clients', () => {
  const request = {
    process: 'first',
    method: 'turn/start',
    params: { threadId: 'T', effort: 'low' },
  };

  it('detects a parameter that only Python sends', () => {
    const ours = { ...request, params: { threadId: 'T' } };

    expect(requestDifferences([request], [ours], new SameIds()).map(inWords)).to.deep.equal([
      'turn/start.effort: Python has "low", ours has none',
    ]);
  });

  it('detects a parameter with another value', () => {
    const ours = { ...request, params: { threadId: 'T', effort: 'high' } };

    expect(requestDifferences([request], [ours], new SameIds()).map(inWords)).to.deep.equal([
      'turn/start.effort: Python has "low", ours has "high"',
    ]);
  });

  it('detects a request that only one of them sends', () => {
    expect(
      requestDifferences([], [request], new SameIds()).map(({ where }) => where),
    ).to.deep.equal(['request turn/start']);
    expect(
      requestDifferences([request], [], new SameIds()).map(({ where }) => where),
    ).to.deep.equal(['request turn/start']);
  });

  it('detects another answer of a turn', () => {
    const python = { step: 0, do: 'stream', deltas: ['Her', 'ons'] };
    const ours = { step: 0, do: 'stream', text: 'Heron' };

    expect(outcomeDifferences(python, ours, new SameIds()).map(inWords)).to.deep.equal([
      'step.text: Python has "Herons", ours has "Heron"',
    ]);
  });

  it('detects an id in a path that belongs to another object', () => {
    const [one, two, three] = [1, 2, 3].map((n) => `01a20000-0000-7000-8000-00000000000${n}`);
    const ids = new SameIds();
    ids.match(one!, two!);

    expect(differencesOf('path', `/home/${one}.jsonl`, `/home/${two}.jsonl`, ids)).to.be.empty;
    expect(differencesOf('path', `/home/${one}.jsonl`, `/home/${three}.jsonl`, ids)).to.have.length(
      1,
    );
  });

  it('detects another thread than was read', () => {
    const ours = [{ step: 0, do: 'read', read: { thread: 'main', json: { name: 'Heron' } } }];

    expect(
      metadataDifferences({ main: { name: 'Egret' } }, ours, new SameIds()).map(inWords),
    ).to.deep.equal(['thread.name: Python has "Egret", ours has "Heron"']);
    expect(metadataDifferences({ main: { name: 'Egret' } }, [], new SameIds())).to.have.length(1);
  });

  it('detects an id with two meanings', () => {
    const [one, two, three] = [1, 2, 3].map((n) => `01a20000-0000-7000-8000-00000000000${n}`);
    const ids = new SameIds();

    expect(ids.match(one!, two!)).to.equal(true);
    expect(ids.match(one!, two!)).to.equal(true);
    expect(ids.match(one!, three!)).to.equal(false);
    expect(ids.match(three!, two!)).to.equal(false);
  });
});

/** The problems our client reports for one option of the scenario's first turn. */
async function problemsWith(name: string, option: string): Promise<readonly ValidationProblem[]> {
  const script = scenarioNamed(name);
  await using stage = await ReplayStage.of(script);
  await using codex = stage.client('first');
  const [start, run] = script.steps;
  const thread = codex.startThread({ ...start!.options, cwd: stage.project });
  try {
    await thread.run('Watch', { options: { [option]: run!.options![option] } });
    return [];
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    return error.problems;
  }
}

interface Played {
  readonly outcomes: readonly Outcome[];
  readonly requests: readonly SentRequest[];
  readonly ofResults: readonly Difference[];
  readonly ofRequests: readonly Difference[];
}

async function replay(scenario: string): Promise<Played> {
  const script = scenarioNamed(scenario);
  await using stage = await ReplayStage.of(script);
  const outcomes = await new ScenarioPlayer(script, stage).play();
  const { project, requests } = stage;
  const ids = new SameIds();
  const results = recorded(scenario, 'result.json') as PythonOutcome[];
  const metadata = recorded(scenario, 'metadata.json') as Record<string, unknown>;
  const sent = requestsIn(recorded(scenario, 'transcript.jsonl') as unknown[]);
  return {
    outcomes,
    requests,
    ofResults: [
      ...outcomes.flatMap((ours) => outcomeDifferences(results[ours.step]!, ours, ids, project)),
      ...metadataDifferences(metadata, outcomes, ids, project),
    ],
    ofRequests: requestDifferences(sent, requests, ids),
  };
}

function threadsOnTheWire(scenario: string): unknown[] {
  const lines = recorded(scenario, 'transcript.jsonl') as {
    message?: Record<string, { thread?: unknown; data?: unknown[] } | undefined>;
  }[];
  return lines.flatMap(({ message = {} }) =>
    [message.params?.thread ?? [], message.result?.thread ?? [], message.result?.data ?? []].flat(),
  );
}
