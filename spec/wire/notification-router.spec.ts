import { expect } from 'chai';
import { NotificationRouter } from '../../lib/wire/notification-router.js';
import type { ServerNotification } from '../../lib/protocol/index.js';
import { WireProblems } from './wire-problems.js';

function about(threadId: string, method = 'turn/started'): ServerNotification {
  return { method, params: { threadId } } as ServerNotification;
}

describe('NotificationRouter', () => {
  let router: NotificationRouter;
  let calls: string[];

  beforeEach(() => {
    router = new NotificationRouter();
    calls = [];
  });

  it('delivers notifications of a thread only to its listeners, to each of them', () => {
    router.onThread('A', ({ method }) => calls.push(`A1 ${method}`));
    router.onThread('A', ({ method }) => calls.push(`A2 ${method}`));
    router.onThread('B', ({ method }) => calls.push(`B ${method}`));

    router.route(about('A', 'turn/started'));
    router.route(about('B', 'turn/completed'));

    expect(calls).to.deep.equal(['A1 turn/started', 'A2 turn/started', 'B turn/completed']);
  });

  it('reads the id of a started thread from the thread', () => {
    router.onThread('A', ({ method }) => calls.push(method));

    router.route({
      method: 'thread/started',
      params: { thread: { id: 'A' } },
    } as ServerNotification);

    expect(calls).to.deep.equal(['thread/started']);
  });

  it('delivers everything to general listeners', () => {
    router.onAny(({ method }) => calls.push(method));

    router.route(about('A'));
    router.route({ method: 'configWarning', params: {} } as ServerNotification);

    expect(calls).to.deep.equal(['turn/started', 'configWarning']);
  });

  it('delivers notifications with one method to its listeners, regardless of their threads', () => {
    const forget = router.onMethod('account/rateLimits/updated', ({ method }) =>
      calls.push(method),
    );

    router.route(about('A', 'account/rateLimits/updated'));
    router.route(about('A', 'turn/started'));
    forget();
    router.route(about('A', 'account/rateLimits/updated'));

    expect(calls).to.deep.equal(['account/rateLimits/updated']);
  });

  it('delivers notifications of threads without a listener as unclaimed', () => {
    router.onThread('A', () => undefined);
    router.onUnclaimed(({ params }) => calls.push((params as { threadId: string }).threadId));

    router.route(about('A'));
    router.route(about('B'));
    router.route({ method: 'warning', params: { threadId: null } } as ServerNotification);
    router.route({ method: 'warning' } as ServerNotification);

    expect(calls).to.deep.equal(['B']);
  });

  it('stops immediately for a removed listener, and only for that one', () => {
    const listener = (): void => void calls.push('called');
    const remove = router.onThread('A', listener);
    router.onThread('A', listener);

    remove();
    remove();
    router.route(about('A'));

    expect(calls).to.deep.equal(['called']);
  });

  it('treats a thread as unclaimed again after its last listener is removed', () => {
    router.onUnclaimed(() => calls.push('unclaimed'));
    router.onThread('A', () => undefined)();

    router.route(about('A'));

    expect(calls).to.deep.equal(['unclaimed']);
  });

  it('continues with the other listeners if one throws, and reports it', () => {
    using problems = new WireProblems();
    router.onThread('A', () => {
      throw new Error('a bug of the listener');
    });
    router.onThread('A', () => calls.push('called'));

    router.route(about('A'));

    expect(calls).to.deep.equal(['called']);
    expect(problems.listenerErrors).to.equal(1);
  });

  it('allows a listener to remove itself while it is called', () => {
    const remove = router.onThread('A', () => {
      calls.push('first');
      remove();
    });
    router.onThread('A', () => calls.push('second'));

    router.route(about('A'));
    router.route(about('A'));

    expect(calls).to.deep.equal(['first', 'second', 'second']);
  });
});
