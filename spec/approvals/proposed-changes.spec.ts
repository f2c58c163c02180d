import { expect } from 'chai';
import { ProposedChanges } from '../../lib/approvals/proposed-changes.js';
import type { ServerNotification, ServerNotifications } from '../../lib/protocol/index.js';
import { changes, threadId, turnId } from './server-requests.js';

const item = { type: 'fileChange', id: 'call_1', changes, status: 'inProgress' };

function tell(proposed: ProposedChanges, method: keyof ServerNotifications, params: object): void {
  proposed.accept({ method, params: { threadId, turnId, ...params } } as ServerNotification);
}

function begun(): ProposedChanges {
  const proposed = new ProposedChanges();
  tell(proposed, 'item/started', { item });
  return proposed;
}

describe('ProposedChanges', () => {
  it('returns the changes of a running file change', () => {
    expect(begun().of(threadId, 'call_1')).to.deep.equal(changes);
  });

  it('distinguishes threads whose items have the same id', () => {
    expect(begun().of('another thread', 'call_1')).to.equal(null);
  });

  it('returns the latest state of a patch that is still being written', () => {
    const proposed = begun();

    tell(proposed, 'item/fileChange/patchUpdated', { itemId: 'call_1', changes: [] });

    expect(proposed.of(threadId, 'call_1')).to.deep.equal([]);
  });

  it('forgets a completed file change', () => {
    const proposed = begun();

    tell(proposed, 'item/completed', { item });

    expect(proposed.of(threadId, 'call_1')).to.equal(null);
  });

  it('forgets uncompleted file changes at the end of the turn', () => {
    const proposed = begun();

    tell(proposed, 'turn/completed', { turn: { id: 'another turn' } });
    expect(proposed.of(threadId, 'call_1')).to.deep.equal(changes);
    tell(proposed, 'turn/completed', { turn: { id: turnId } });

    expect(proposed.of(threadId, 'call_1')).to.equal(null);
  });

  it('forgets a closed thread', () => {
    const proposed = begun();

    tell(proposed, 'thread/closed', {});

    expect(proposed.of(threadId, 'call_1')).to.equal(null);
  });

  it('ignores other items', () => {
    const proposed = new ProposedChanges();

    tell(proposed, 'item/started', { item: { type: 'agentMessage', id: 'call_1' } });

    expect(proposed.of(threadId, 'call_1')).to.equal(null);
  });
});
