import { expect } from 'chai';
import sinon from 'sinon';
import { Codex, Thread, ValidationError } from '../../lib/index.js';

describe('Thread', () => {
  const thread = new Codex({ baseUrl: 'http://localhost:1/v1' }).startThread({
    model: 'gpt-5.5',
    labels: { team: 'payments' },
  });

  it('has no id, metadata or token before its first turn', () => {
    expect([thread.threadId, thread.metadata, thread.continuation]).to.deep.equal([
      null,
      null,
      null,
    ]);
  });

  it('has own read-only fields for options and labels', () => {
    expect(Object.keys(thread)).to.have.members(['codexOptions', 'threadOptions', 'labels']);
    expect(thread.codexOptions.baseUrl).to.equal('http://localhost:1/v1');
  });

  it('supports all its getters on a stub instance', () => {
    const stub = sinon.createStubInstance(Thread);

    expect([stub.threadId, stub.metadata, stub.continuation]).to.deep.equal([null, null, null]);
  });

  it('rejects an invalid input as soon as the turn is described', () => {
    expect(() => thread.runStreamed([])).to.throw(ValidationError, 'is empty');
    expect(() => thread.runStreamed({ type: 'localImage', path: '' })).to.throw(
      ValidationError,
      '[0].path',
    );
    expect(() => thread.runStreamed({ type: 'sound' } as never)).to.throw(ValidationError, 'sound');
  });

  describe('clone', () => {
    it('applies the changes to a copy and does not change the thread', () => {
      const clone = thread.clone({ options: { model: 'gpt-5' }, labels: { ticket: '1' } });

      expect(clone.threadOptions.model).to.equal('gpt-5');
      expect(clone.labels.toJSON()).to.deep.equal({ team: 'payments', ticket: '1' });
      expect(thread.threadOptions.model).to.equal('gpt-5.5');
      expect(thread.labels.size).to.equal(1);
    });

    it('returns an equal thread if nothing changes', () => {
      expect(thread.clone().equals(thread)).to.equal(true);
    });
  });

  describe('equals', () => {
    it('accepts another value of the same conversation, even before it has an id', () => {
      expect(thread.equals(thread.clone({ options: {} }))).to.equal(true);
      expect(thread.equals(thread.clone({ labels: { team: 'payments' } }))).to.equal(true);
    });

    it('accepts the same thread in another client', () => {
      const threadId = '01a20000-0000-7000-8000-000000000001';
      const [one, two] = [new Codex().thread(), new Codex().thread()];

      expect(one.existing(threadId).equals(two.existing(threadId))).to.equal(true);
      expect(one.existing(threadId).equals(one.build())).to.equal(false);
      expect(one.build().equals(two.build())).to.equal(false);
    });

    it('distinguishes other options and other labels', () => {
      expect(thread.equals(thread.clone({ options: { model: 'gpt-5' } }))).to.equal(false);
      expect(thread.equals(thread.clone({ labels: { a: 'b' } }))).to.equal(false);
    });
  });
});
