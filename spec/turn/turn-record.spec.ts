import { expect } from 'chai';
import {
  TurnFailedError,
  TurnInterruptedError,
  ValidationError,
  type Codex,
} from '../../lib/index.js';
import { TurnRecord } from '../../lib/parity/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { recorded, scenarioNames } from '../python/fixture-folder.js';
import { noProcessLeft } from '../root-hooks.js';

interface RecordedStep {
  readonly result?: Readonly<Record<string, unknown>>;
}

/** Every turn result of the Python client. */
function pythonResults(): unknown[] {
  const steps = scenarioNames().flatMap((name) => recorded(name, 'result.json') as RecordedStep[]);
  return steps.flatMap(({ result }) => (result?.status === undefined ? [] : [result]));
}

const minimal = {
  id: 'u',
  status: 'completed',
  error: null,
  started_at: 1_700_000_000,
  completed_at: 1_700_000_001,
  duration_ms: 1250,
  final_response: 'Yes',
  items: [],
  usage: null,
};

describe('TurnRecord', () => {
  describe('fromJSON', () => {
    it('round-trips every result that the Python client recorded, key by key', () => {
      const results = pythonResults();

      const given = results.map((json) => TurnRecord.fromJSON(json));

      expect(results).to.have.length.above(30);
      expect(JSON.stringify(given)).to.equal(JSON.stringify(results));
      expect(given.map((record) => record.toJSON())).to.deep.equal(results);
    });

    it('reads the status of the Python client as that of a turn', () => {
      const [json] = pythonResults();

      const record = TurnRecord.fromJSON(json);

      expect(record).to.include({ status: 'completed', durationMs: 100, error: null });
      expect(record.startedAt).to.deep.equal(new Date(1_700_000_000_000));
      expect(record.completedAt).to.deep.equal(new Date(1_700_000_000_000));
      expect(record.finalResponse).to.equal('Filed.');
      expect(record.items.map(({ type }) => type)).to.deep.equal(['userMessage', 'agentMessage']);
      expect(record.threadUsage).to.include({ inputTokens: 100, totalTokens: 103 });
      expect(record.lastRequestUsage).to.include({ outputTokens: 3 });
      expect(record.modelContextWindow).to.equal(258_400);
    });

    it('keeps unknown keys', () => {
      const json = { ...minimal, mood: { is: 'good' } };

      expect(TurnRecord.fromJSON(json).toJSON()).to.deep.equal(json);
    });

    it('has null for missing values', () => {
      const record = TurnRecord.fromJSON({ ...minimal, started_at: null, duration_ms: null });

      expect(record).to.include({ startedAt: null, durationMs: null, threadUsage: null });
      expect(record).to.include({ lastRequestUsage: null, modelContextWindow: null });
    });

    it('rejects all problems at once', () => {
      const json: Record<string, unknown> = { ...minimal, id: 7, duration_ms: '1', items: [null] };
      delete json.status;
      json.usage = { last: {} };

      const refused = (): unknown => TurnRecord.fromJSON(json);

      expect(refused).to.throw(ValidationError).with.property('problems').that.has.length(5);
      expect(refused).to.throw('id: must be a string, got 7');
      expect(refused).to.throw('status: is missing');
    });

    it('rejects a value that is not an object', () => {
      expect(() => TurnRecord.fromJSON(null)).to.throw(ValidationError, 'must be a JSON object');
    });

    it('is frozen, and a copy of its input', () => {
      const json = { ...minimal, items: [{ type: 'agentMessage', text: 'Yes' }] };

      const record = TurnRecord.fromJSON(json);
      json.items[0]!.text = 'No';

      expect(record.items[0]).to.include({ text: 'Yes' });
      expect(record).to.be.frozen;
      expect(record.items).to.be.frozen;
      expect(record.items[0]).to.be.frozen;
    });
  });

  describe('of a turn on codex-rs', function () {
    this.timeout(20_000);
    let offline: OfflineCodex;
    let codex: Codex;

    before(async () => {
      offline = await OfflineCodex.start();
      codex = offline.client();
    });

    after(async () => {
      await offline[Symbol.asyncDispose]();
      await noProcessLeft();
    });

    it('that completed has its times, and the usage of the thread and of the last request', async () => {
      offline.model.reply(
        ScriptedReply.shellCommand('true').usage({ inputTokens: 100, outputTokens: 5 }),
        ScriptedReply.message('Done').usage({ inputTokens: 120, outputTokens: 7 }),
      );
      const before = Math.floor(Date.now() / 1000) * 1000;

      const result = await codex.startThread({ model: 'gpt-5.5' }).run('Do it');

      const { startedAt, completedAt, usage, threadUsage } = result;
      expect(startedAt!.getTime()).to.be.within(before, Date.now());
      expect(completedAt!.getTime()).to.be.within(startedAt!.getTime(), Date.now());
      expect([usage, threadUsage]).to.deep.equal([usage, usage]);
      expect(usage).to.include({ inputTokens: 220, outputTokens: 12, totalTokens: 232 });
      expect(result.lastRequestUsage).to.include({ inputTokens: 120, totalTokens: 127 });
      expect(result.modelContextWindow).to.equal(258_400);
      const json = TurnRecord.of(result).toJSON();
      expect(json).to.deep.equal({
        id: result.turnId,
        status: 'completed',
        error: null,
        started_at: startedAt!.getTime() / 1000,
        completed_at: completedAt!.getTime() / 1000,
        duration_ms: result.durationMs,
        final_response: 'Done',
        items: result.items,
        usage: {
          last: result.lastRequestUsage,
          modelContextWindow: 258_400,
          total: threadUsage,
        },
      });
      expect(JSON.stringify(TurnRecord.fromJSON(json))).to.equal(JSON.stringify(json));
    });

    it('that was interrupted has its times, and the usage until then', async () => {
      const gate = new Gate();
      offline.model.reply(
        ScriptedReply.shellCommand('true').usage({ inputTokens: 100, outputTokens: 5 }),
        ScriptedReply.gate(gate).message('Late'),
      );
      const turn = codex.startThread({ model: 'gpt-5.5' }).runStreamed('Do it');
      const ended = failure(turn.result());
      await gate.reached;

      await turn.interrupt();

      const error = await ended;
      gate.open();
      if (!TurnInterruptedError.is(error)) throw error;
      expect(error.startedAt).to.be.instanceOf(Date);
      expect(error.completedAt!.getTime()).to.be.at.least(error.startedAt!.getTime());
      expect(error.durationMs).to.be.a('number');
      expect(error.usage).to.include({ totalTokens: 105 });
      const record = TurnRecord.of(error);
      expect(record).to.include({ status: 'interrupted', finalResponse: null, error: null });
      expect(record.turnId).to.equal(error.turnId);
      expect(record.threadUsage).to.include({ totalTokens: 105 });
    });

    it('that failed has its times and the error of codex-rs', async () => {
      offline.model.reply(ScriptedReply.status(401, { error: { message: 'No such key.' } }));

      const error = await failure(codex.startThread().run('Do it'));

      if (!TurnFailedError.is(error)) throw error;
      expect(error).to.include({ usage: null, lastRequestUsage: null });
      expect(error.durationMs).to.be.a('number');
      const record = TurnRecord.of(error);
      expect(record).to.include({ status: 'failed', finalResponse: null });
      expect(record.error).to.deep.equal(error.turnError);
      expect(error.toJSON().startedAt).to.equal(error.startedAt!.toISOString());
    });

    it('that was cancelled before it was sent is refused', async () => {
      const turn = codex.startThread().runStreamed('Never');
      await turn.interrupt();

      const error = await failure(turn.result());

      if (!TurnInterruptedError.is(error)) throw error;
      expect(error).to.include({ startedAt: null, durationMs: null, usage: null });
      expect(() => TurnRecord.of(error))
        .to.throw()
        .with.property('code', 'turn-not-started');
    });
  });
});
