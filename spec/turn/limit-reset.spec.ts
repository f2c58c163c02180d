import { expect } from 'chai';
import type { RateLimitSnapshot } from '../../lib/protocol/index.js';
import { limitReset } from '../../lib/turn/limit-reset.js';

const window = (resetsAt: number | null, usedPercent: number): RateLimitSnapshot['primary'] => ({
  usedPercent,
  windowDurationMins: 300,
  resetsAt,
});

function resetOf(limits: Partial<RateLimitSnapshot>): number | null {
  const nothing = { primary: null, secondary: null, individualLimit: null } as RateLimitSnapshot;
  return limitReset({ ...nothing, ...limits })?.getTime() ?? null;
}

describe('The time at which a limit resets', () => {
  it('is that of the exhausted window', () => {
    expect(resetOf({ primary: window(5, 100), secondary: window(9, 99) })).to.equal(5000);
    expect(resetOf({ primary: window(5, 99), secondary: window(9, 100) })).to.equal(9000);
  });

  it('is the later one if both windows are exhausted', () => {
    expect(resetOf({ primary: window(5, 100), secondary: window(9, 120) })).to.equal(9000);
    expect(resetOf({ primary: window(9, 100), secondary: window(5, 100) })).to.equal(9000);
  });

  it("is that of the user's own limit if it is exhausted", () => {
    const limit = { limit: '10', used: '10', remainingPercent: 0, resetsAt: 7 };

    expect(resetOf({ individualLimit: limit })).to.equal(7000);
    expect(resetOf({ individualLimit: { ...limit, remainingPercent: 1 } })).to.equal(null);
  });

  it('is null if no limit is exhausted or reported', () => {
    expect(resetOf({})).to.equal(null);
    expect(resetOf({ primary: window(5, 99.9) })).to.equal(null);
    expect(resetOf({ primary: window(null, 100) })).to.equal(null);
  });
});
