import { expect } from 'chai';
import type { ServerNotification } from '../../lib/protocol/index.js';
import { ContinuationToken } from '../../lib/record/continuation-token.js';
import { Redactor } from '../../lib/redaction.js';
import { TurnRun } from '../../lib/turn/turn-run.js';
import { failure } from '../failure.js';

function running(): TurnRun {
  const run = new TurnRun([], {});
  run.begin({
    threadId: 't',
    turnId: 'u',
    isNewThread: false,
    usageBefore: null,
    continuation: ContinuationToken.issue({ threadId: 't', turnId: 'u' }),
    redactor: new Redactor(),
  });
  return run;
}

function ended(turn: object): ServerNotification {
  return { method: 'turn/completed', params: { threadId: 't', turn } } as ServerNotification;
}

describe('TurnRun', () => {
  for (const [what, turn] of Object.entries({
    'no list of items': { id: 'u', status: 'completed', items: null },
    'an item that is none': { id: 'u', status: 'completed', items: [null] },
    'an error that is none': { id: 'u', status: 'failed', items: [], error: { message: 7 } },
    'an ending that nobody knows': { id: 'u', status: 'faulty', items: [] },
  }))
    it(`is over, with a typed error, when its end brings ${what}`, async () => {
      const run = running();

      run.accept(ended(turn));
      const events = [await run.stream.next(), await failure(run.stream.next())];

      expect(run.state).to.equal('failed');
      expect(await failure(run.outcome)).to.include({ code: 'malformed-message' });
      expect(events).to.deep.equal([
        { done: false, value: { type: 'turn.started', threadId: 't', turnId: 'u' } },
        await failure(run.outcome),
      ]);
    });
});
