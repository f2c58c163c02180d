import { expect } from 'chai';
import { costOf, TurnBudgetError, ValidationError } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';

const usage = {
  inputTokens: 1000,
  cachedInputTokens: 600,
  cacheWriteInputTokens: 100,
  outputTokens: 50,
  reasoningOutputTokens: 20,
  totalTokens: 1050,
};

describe('costOf', function () {
  this.timeout(20_000);

  it('counts every token once, at its own rate', () => {
    const rates = { input: 2, cachedInput: 0.5, cacheWriteInput: 3, output: 10 };

    expect(costOf(usage, rates)).to.be.closeTo((300 * 2 + 600 * 0.5 + 100 * 3 + 500) / 1e6, 1e-12);
  });

  it('uses the input rate for cached tokens without a rate', () => {
    expect(costOf(usage, { input: 2, output: 0 })).to.be.closeTo(2000 / 1e6, 1e-12);
  });

  it('is null for unknown usage', () => {
    expect(costOf(null, { input: 2, output: 0 })).to.equal(null);
  });

  it('rejects invalid rates, with all problems at once', () => {
    expect(() => costOf(usage, { input: -1, cached: 1 } as never))
      .to.throw(ValidationError)
      .with.property('problems')
      .with.length(3);
    expect(() => costOf(usage, 5 as never)).to.throw(ValidationError, 'must be an object, got 5');
  });

  it('stops a turn that costs more', async () => {
    await using offline = await OfflineCodex.start();
    const spent = { inputTokens: 100_000, cachedInputTokens: 50_000, outputTokens: 1000 };
    offline.model.otherwise(ScriptedReply.shellCommand('true').usage(spent));
    const rates = { input: 2, cachedInput: 0, output: 10 };
    const thread = offline.client().startThread({ sandboxMode: 'danger-full-access' });

    const error = await failure(thread.run('Loop', { budget: { cost: { limit: 0.2, rates } } }));

    if (!TurnBudgetError.is(error)) throw error as Error;
    expect(error).to.include({ budget: 'cost', limit: 0.2, status: 'interrupted' });
    expect(error.spent).to.be.closeTo(0.22, 1e-9);
  });
});
