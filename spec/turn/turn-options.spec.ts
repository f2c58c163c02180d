import { expect } from 'chai';
import { IsString } from 'class-validator';
import { Codex, ValidationError, type StreamOptions } from '../../lib/index.js';
import { failure } from '../failure.js';

class Report {
  @IsString() summary!: string;
}

describe('The options of a turn', () => {
  const thread = new Codex({ apiKey: 'spec-key-1234567890' }).startThread();

  /** What is wrong with options that a program without types may pass. */
  function problemsOf(options: object): Record<string, string> {
    try {
      thread.runStreamed('Hi', options);
    } catch (error) {
      if (!ValidationError.is(error)) throw error;
      return Object.fromEntries(error.problems.map(({ path, reason }) => [path, reason]));
    }
    throw new Error('They were not refused.');
  }

  it('are refused under names that there are not, with the one that was meant', () => {
    const problems = problemsOf({ signl: null, timeouts: { totalMS: 1, nonsense: 1 }, model: 'm' });

    expect(problems).to.have.all.keys('signl', 'model', 'timeouts.totalMS', 'timeouts.nonsense');
    expect(problems.signl).to.contain('did you mean signal?');
    expect(problems['timeouts.totalMS']).to.contain('did you mean totalMs?');
    expect(problems.model).to.contain('options: { model }');
  });

  it('are refused with values that they cannot have, all at once', () => {
    const problems = problemsOf({
      signal: {},
      timeouts: { ackMs: 0, firstProgressMs: -1, idleMs: '5', totalMs: 2 ** 31 },
      whenBusy: 'wait',
      source: 7,
      approvals: 'yes',
    });

    expect(problems).to.have.all.keys(
      'signal',
      'timeouts.ackMs',
      'timeouts.firstProgressMs',
      'timeouts.idleMs',
      'timeouts.totalMs',
      'whenBusy',
      'source',
      'approvals',
    );
    expect(problems.whenBusy).to.equal('must be "queue" or "reject", got "wait"');
  });

  it('are refused with a budget that cannot be', () => {
    const budget = { totalTokens: 0, outputTokens: '5', totaltokens: 1 };

    expect(problemsOf({ budget })).to.have.all.keys(
      'budget.totalTokens',
      'budget.outputTokens',
      'budget.totaltokens',
    );
    expect(
      problemsOf({ budget: { cost: { limit: 1, rates: { input: -1, ouput: 1 } } } }),
    ).to.deep.equal({
      'budget.cost.rates.output': 'is missing',
      'budget.cost.rates.input': 'must be a number of 0 or more, got -1',
      'budget.cost.rates.ouput': 'is unknown: did you mean output?',
    });
    expect(problemsOf({ budget: { cost: {} } })).to.have.all.keys(
      'budget.cost.limit',
      'budget.cost.rates',
    );
    expect(problemsOf({ budget: 5 }).budget).to.equal('must be an object, got 5');
  });

  it('are refused with two forms of one answer', () => {
    expect(problemsOf({ output: Report, outputSchema: {} })).to.have.all.keys('outputSchema');
  });

  it('have no repairs when the turn is streamed', () => {
    expect(problemsOf({ output: Report, repairs: 1 }).repairs).to.contain('use run()');
  });

  it('are refused with repairs that are no number of times, or of nothing', async () => {
    for (const repairs of [-1, 1.5, NaN, '1'])
      expect(
        await failure(thread.run('Hi', { output: Report, repairs: repairs as number })),
      ).to.be.instanceOf(ValidationError);
    expect(await failure(thread.run('Hi', { repairs: 1 })))
      .to.be.instanceOf(ValidationError)
      .with.property('message')
      .that.contains('repairs: needs an output');
  });

  it('may be undefined, which is not given', () => {
    const options = {
      signal: undefined,
      whenBusy: undefined,
      signl: undefined,
    } as unknown as StreamOptions;

    expect(thread.runStreamed('Hi', options).status).to.equal('pending');
  });
});
