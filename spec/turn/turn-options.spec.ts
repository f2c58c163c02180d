import { expect } from 'chai';
import { IsString } from 'class-validator';
import { Codex, ValidationError, type StreamOptions } from '../../lib/index.js';
import { failure } from '../outcomes.js';

class Report {
  @IsString() summary!: string;
}

describe('The options of a turn', () => {
  const thread = new Codex({ apiKey: 'spec-key-1234567890' }).startThread();

  /** The problems of options that an untyped program may pass. */
  function problemsOf(options: object): Record<string, string> {
    try {
      thread.runStreamed('Hi', options);
    } catch (error) {
      if (!ValidationError.is(error)) throw error;
      return Object.fromEntries(error.problems.map(({ path, reason }) => [path, reason]));
    }
    throw new Error('They were not refused.');
  }

  it('are rejected under unknown names, with a suggestion', () => {
    const problems = problemsOf({
      signl: null,
      timeouts: { totalMS: 1, idle: 1, nonsense: 1 },
      model: 'm',
    });

    expect(problems).to.have.all.keys(
      'signl',
      'model',
      'timeouts.totalMS',
      'timeouts.idle',
      'timeouts.nonsense',
    );
    expect(problems.signl).to.contain('did you mean signal?');
    expect(problems['timeouts.totalMS']).to.contain('did you mean totalMs?');
    expect(problems['timeouts.idle']).to.equal('is unknown: did you mean idleMs?');
    expect(problems.model).to.contain('options: { model }');
  });

  it('are rejected with invalid values, with all problems at once', () => {
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

  it('are rejected with an invalid budget', () => {
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
      'budget.cost.rates.input': 'must be a finite number, 0 or greater, got -1',
      'budget.cost.rates.ouput': 'is unknown: did you mean output?',
    });
    expect(problemsOf({ budget: { cost: {} } })).to.have.all.keys(
      'budget.cost.limit',
      'budget.cost.rates',
    );
    expect(problemsOf({ budget: 5 }).budget).to.equal('must be an object, got 5');
  });

  it('are rejected with two forms of one answer', () => {
    expect(problemsOf({ output: Report, outputSchema: {} })).to.have.all.keys('outputSchema');
  });

  it('do not include repairs if the turn is streamed', () => {
    expect(problemsOf({ output: Report, repairs: 1 }).repairs).to.contain('use run()');
  });

  it('are rejected with repairs that are not an integer, or without an output', async () => {
    for (const repairs of [-1, 1.5, NaN, '1'])
      expect(
        await failure(thread.run('Hi', { output: Report, repairs: repairs as number })),
      ).to.be.instanceOf(ValidationError);
    expect(await failure(thread.run('Hi', { repairs: 1 })))
      .to.be.instanceOf(ValidationError)
      .with.property('message')
      .that.contains('repairs: requires output');
  });

  it('may be undefined, which means not set', () => {
    const options = {
      signal: undefined,
      whenBusy: undefined,
      signl: undefined,
    } as unknown as StreamOptions;

    expect(thread.runStreamed('Hi', options).status).to.equal('pending');
  });
});
