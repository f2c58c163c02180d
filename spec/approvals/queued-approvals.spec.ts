import { expect } from 'chai';
import type { ApprovalRequest } from '../../lib/approvals/approval-request.js';
import { QueuedApprovals } from '../../lib/approvals/queued-approvals.js';
import { CodexError } from '../../lib/errors.js';
import { asked, serverRequest } from './server-requests.js';

const command = (signal?: AbortSignal) =>
  asked('command', serverRequest('item/commandExecution/requestApproval'), signal);
const allow = (request: ApprovalRequest) =>
  request.kind === 'command' ? request.allow() : request.deny();
const failureOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('QueuedApprovals', () => {
  it('keeps requests until they are decided by id', async () => {
    const queue = new QueuedApprovals();
    const first = queue.handle(command());
    const second = queue.handle(command());

    const [one, two] = queue.list();
    queue.decide(two!.id, (request) => request.deny('not this one'));
    queue.decide(one!.id, allow);

    expect((await first).verdict).to.equal('allow');
    expect((await second).reason).to.equal('not this one');
    expect(queue.list()).to.deep.equal([]);
  });

  it('lists what waits as plain JSON', () => {
    const queue = new QueuedApprovals();
    void queue.handle(command());

    const [entry] = JSON.parse(JSON.stringify(queue.list())) as [Record<string, unknown>];

    expect(entry).to.have.keys('id', 'request', 'queuedAtMs');
    expect(entry.request).to.include({ kind: 'command', workingDirectory: '/repo' });
  });

  it('refuses to decide what does not wait', async () => {
    const queue = new QueuedApprovals();
    const decision = queue.handle(command());
    const { id } = queue.list()[0]!;
    queue.decide(id, allow);
    await decision;

    expect(() => {
      queue.decide(id, allow);
    })
      .to.throw(CodexError, id)
      .with.property('code', 'approval-not-pending');
    expect(() => {
      queue.expire('unknown');
    })
      .to.throw(CodexError)
      .with.property('code', 'approval-not-pending');
  });

  it('lets a request wait on when the choice is not possible', async () => {
    const queue = new QueuedApprovals();
    const decision = queue.handle(command());
    const { id } = queue.list()[0]!;

    expect(() => {
      queue.decide(id, () => command().allow());
    })
      .to.throw(CodexError)
      .with.property('code', 'decision-not-possible');
    expect(() => {
      queue.decide(id, () => {
        throw new Error('changed my mind');
      });
    }).to.throw('changed my mind');
    queue.decide(id, allow);

    expect((await decision).verdict).to.equal('allow');
  });

  it('drops what expires, and tells the request', async () => {
    const queue = new QueuedApprovals();
    const request = command();
    const failure = failureOf(queue.handle(request));

    queue.expire(queue.list()[0]!.id);

    expect(await failure).to.include({ code: 'approval-late' });
    expect(request.signal.aborted).to.equal(true);
    expect(queue.list()).to.deep.equal([]);
  });

  it('drops what is of no use any more', async () => {
    const turn = new AbortController();
    const queue = new QueuedApprovals();
    const failure = failureOf(queue.handle(command(turn.signal)));

    turn.abort(new Error('The turn is over.'));

    expect(await failure).to.equal(turn.signal.reason);
    expect(queue.list()).to.deep.equal([]);
    expect(await failureOf(queue.handle(command(turn.signal)))).to.equal(turn.signal.reason);
  });

  it('gives what waits and what comes to whoever iterates, and to each of them', async () => {
    const queue = new QueuedApprovals();
    void queue.handle(command());
    const first = queue[Symbol.asyncIterator]();
    const second = queue[Symbol.asyncIterator]();

    const early = await Promise.all([first.next(), second.next()]);
    const coming = Promise.all([first.next(), second.next()]);
    void queue.handle(command());
    const late = await coming;

    const [one, two] = queue.list();
    expect(early.map(({ value }) => value)).to.deep.equal([one, one]);
    expect(late.map(({ value }) => value)).to.deep.equal([two, two]);
  });

  it('leaves out of an iteration what was decided meanwhile', async () => {
    const queue = new QueuedApprovals();
    void queue.handle(command());
    void queue.handle(command());
    const [one, two] = queue.list();

    queue.decide(one!.id, allow);
    const next = await queue[Symbol.asyncIterator]().next();

    expect(next.value).to.equal(two);
  });

  it('ends a wait when its signal aborts', async () => {
    const stop = new AbortController();
    const waiting = failureOf(new QueuedApprovals().arrivals({ signal: stop.signal }).next());

    stop.abort(new Error('The page was closed.'));

    expect(await waiting).to.equal(stop.signal.reason);
  });

  it('declines what waits when it is closed, ends iterations and takes nothing more', async () => {
    const queue = new QueuedApprovals();
    const iterator = queue[Symbol.asyncIterator]();
    const failure = failureOf(queue.handle(command()));
    await iterator.next();
    const end = iterator.next();

    queue.close();
    queue.close();

    expect(await failure).to.include({ code: 'approval-late' });
    expect(await end).to.deep.equal({ done: true, value: undefined });
    expect((await queue.handle(command())).verdict).to.equal('deny');
  });
});
