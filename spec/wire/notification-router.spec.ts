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

  it('gives a thread its own notifications only, to each of its listeners', () => {
    router.onThread('A', ({ method }) => calls.push(`A1 ${method}`));
    router.onThread('A', ({ method }) => calls.push(`A2 ${method}`));
    router.onThread('B', ({ method }) => calls.push(`B ${method}`));

    router.route(about('A', 'turn/started'));
    router.route(about('B', 'turn/completed'));

    expect(calls).to.deep.equal(['A1 turn/started', 'A2 turn/started', 'B turn/completed']);
  });

  it('takes the id of a started thread from the thread', () => {
    router.onThread('A', ({ method }) => calls.push(method));

    router.route({
      method: 'thread/started',
      params: { thread: { id: 'A' } },
    } as ServerNotification);

    expect(calls).to.deep.equal(['thread/started']);
  });

  it('gives everything to those who want all', () => {
    router.onAny(({ method }) => calls.push(method));

    router.route(about('A'));
    router.route({ method: 'configWarning', params: {} } as ServerNotification);

    expect(calls).to.deep.equal(['turn/started', 'configWarning']);
  });

  it('gives as unclaimed what carries the id of a thread nobody listens to', () => {
    router.onThread('A', () => undefined);
    router.onUnclaimed(({ params }) => calls.push((params as { threadId: string }).threadId));

    router.route(about('A'));
    router.route(about('B'));
    router.route({ method: 'warning', params: { threadId: null } } as ServerNotification);
    router.route({ method: 'warning' } as ServerNotification);

    expect(calls).to.deep.equal(['B']);
  });

  it('stops at once for a listener that is removed, and only for that one', () => {
    const listener = (): void => void calls.push('called');
    const remove = router.onThread('A', listener);
    router.onThread('A', listener);

    remove();
    remove();
    router.route(about('A'));

    expect(calls).to.deep.equal(['called']);
  });

  it('counts a thread as unclaimed again once its last listener is removed', () => {
    router.onUnclaimed(() => calls.push('unclaimed'));
    router.onThread('A', () => undefined)();

    router.route(about('A'));

    expect(calls).to.deep.equal(['unclaimed']);
  });

  it('goes on to the others when a listener throws, and reports it', () => {
    using problems = new WireProblems();
    router.onThread('A', () => {
      throw new Error('a bug of the listener');
    });
    router.onThread('A', () => calls.push('called'));

    router.route(about('A'));

    expect(calls).to.deep.equal(['called']);
    expect(problems.listenerErrors).to.equal(1);
  });

  it('lets a listener remove itself while it is called', () => {
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
