import { expect } from 'chai';
import { approvalRequestOf, type ApprovalRequest } from '../../lib/approvals/approval-request.js';
import { QueuedApprovals } from '../../lib/approvals/queued-approvals.js';
import { CodexError, ValidationError } from '../../lib/errors.js';
import { asked, serverRequest, threadId } from './server-requests.js';

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

  it('lists pending requests as plain JSON', () => {
    const queue = new QueuedApprovals();
    void queue.handle(command());

    const [entry] = JSON.parse(JSON.stringify(queue.list())) as [Record<string, unknown>];

    expect(entry).to.have.keys('id', 'request', 'queuedAtMs');
    expect(entry.request).to.include({ kind: 'command', workingDirectory: '/repo' });
  });

  it('rejects a decision about a request that is not pending', async () => {
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

  it('accepts a decision as JSON, with the reason', async () => {
    const queue = new QueuedApprovals();
    const decision = queue.handle(command());
    const { id, request } = queue.pending()[0]!;

    queue.decide(
      id,
      JSON.parse('{"decision":"allowForSession","reason":"by Ann"}') as Record<string, unknown>,
    );

    expect(request.decisions).to.include((await decision).verdict);
    expect(await decision).to.include({ verdict: 'allowForSession', reason: 'by Ann' });
    expect(() => {
      queue.decide(id, { decision: 'deny' });
    })
      .to.throw(CodexError)
      .with.property('code', 'approval-not-pending');
  });

  it('rejects invalid JSON, and the request stays pending', async () => {
    const queue = new QueuedApprovals();
    const decision = queue.handle(
      asked('permissions', serverRequest('item/permissions/requestApproval')),
    );
    const { id } = queue.pending()[0]!;
    const refusalOf = (json: unknown): unknown => {
      try {
        queue.decide(id, json as never);
      } catch (error) {
        return error;
      }
      return undefined;
    };

    expect(refusalOf({ reason: 1, answers: [], allow: true }))
      .to.be.instanceOf(ValidationError)
      .with.property('problems')
      .with.length(4);
    expect(refusalOf(null)).to.have.property('code', 'invalid-input');
    expect(refusalOf({ decision: 'yes' }))
      .to.have.property('message')
      .that.contains('must be one of allow, allowForSession, deny, pass, got "yes"');
    expect(refusalOf({ decision: 'toString' })).to.have.property('code', 'invalid-input');
    expect(refusalOf({ decision: 'cancel' })).to.have.property('code', 'decision-not-possible');
    expect(refusalOf({ decision: 'allow', answers: {} })).to.have.property('code', 'invalid-input');
    queue.decide(id, { decision: 'allow' });
    expect((await decision).verdict).to.equal('allow');
  });

  it('answers questions and completes forms from JSON', async () => {
    const queue = new QueuedApprovals();
    const questions = queue.handle(asked('userInput', serverRequest('item/tool/requestUserInput')));
    const form = queue.handle(asked('elicitation', serverRequest('mcpServer/elicitation/request')));
    const [one, two] = queue.pending();

    expect(() => {
      queue.decide(one!.id, { decision: 'answer' });
    }).to.throw(ValidationError, 'must be an object of answers');
    expect(() => {
      queue.decide(one!.id, { decision: 'answer', answers: { colour: 'green' } });
    }).to.throw(ValidationError, 'must be one of red, blue');
    expect(() => {
      queue.decide(two!.id, { decision: 'allow' });
    }).to.throw(ValidationError, 'name: is required');
    queue.decide(one!.id, { decision: 'answer', answers: { colour: 'red' } });
    queue.decide(two!.id, { decision: 'allow', answers: { name: 'Ann' } });

    expect((await questions).reply).to.deep.equal({ answers: { colour: { answers: ['red'] } } });
    expect((await form).reply).to.deep.include({ action: 'accept', content: { name: 'Ann' } });
  });

  it('supports every decision that a request lists', () => {
    const request = command();

    for (const decision of request.decisions)
      expect(request.decide(decision)).to.include({ verdict: decision, reason: null });
    expect(request.decide('cancel', 'too late').reason).to.equal('too late');
  });

  it('distinguishes the requests of one thread, including those of its sub-agents, from others', async () => {
    const queue = new QueuedApprovals();
    const [root, other] = [threadId, threadId.replace(/1$/, '9')];
    const method = 'item/commandExecution/requestApproval';
    const own = asked('command', serverRequest(method));
    const foreign = asked('command', serverRequest(method, { threadId: other }));
    const agents = approvalRequestOf(serverRequest(method, { threadId: other }), {
      ...{ labels: {}, signal: new AbortController().signal, changesOf: () => null },
      rootThreadId: root,
    })!;
    for (const request of [foreign, own, agents]) void queue.handle(request);

    const requests = (id: string | null): readonly ApprovalRequest[] =>
      queue.pending({ threadId: id }).map(({ request }) => request);
    expect(requests(root.toUpperCase())).to.deep.equal([own, agents]);
    expect(requests(other)).to.deep.equal([foreign, agents]);
    expect(requests(null)).to.deep.equal([]);
    expect((await queue.arrivals({ threadId: root }).next()).value).to.have.property(
      'request',
      own,
    );
  });

  it('keeps a request pending if the choice is not possible', async () => {
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

  it('drops an expired request, and notifies it', async () => {
    const queue = new QueuedApprovals();
    const request = command();
    const failure = failureOf(queue.handle(request));

    queue.expire(queue.list()[0]!.id);

    expect(await failure).to.include({ code: 'approval-late' });
    expect(request.signal.aborted).to.equal(true);
    expect(queue.list()).to.deep.equal([]);
  });

  it('drops an obsolete request', async () => {
    const turn = new AbortController();
    const queue = new QueuedApprovals();
    const failure = failureOf(queue.handle(command(turn.signal)));

    turn.abort(new Error('The turn is over.'));

    expect(await failure).to.equal(turn.signal.reason);
    expect(queue.list()).to.deep.equal([]);
    expect(await failureOf(queue.handle(command(turn.signal)))).to.equal(turn.signal.reason);
  });

  it('yields pending and future requests to every iteration', async () => {
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

  it('omits requests from an iteration that were decided in the meantime', async () => {
    const queue = new QueuedApprovals();
    void queue.handle(command());
    void queue.handle(command());
    const [one, two] = queue.list();

    queue.decide(one!.id, allow);
    const next = await queue[Symbol.asyncIterator]().next();

    expect(next.value).to.equal(two);
  });

  it('ends an iteration when its signal is aborted', async () => {
    const stop = new AbortController();
    const waiting = failureOf(new QueuedApprovals().arrivals({ signal: stop.signal }).next());

    stop.abort(new Error('The page was closed.'));

    expect(await waiting).to.equal(stop.signal.reason);
  });

  it('declines pending requests when it is closed, ends iterations and accepts no more requests', async () => {
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
